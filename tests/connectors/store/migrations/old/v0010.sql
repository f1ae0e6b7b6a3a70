BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0010');
CREATE TABLE answers (
	answer_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	mailbox_id INTEGER NOT NULL, 
	claim_id TEXT DEFAULT '' NOT NULL, 
	word TEXT DEFAULT '' NOT NULL, 
	at BIGINT NOT NULL, 
	source TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT fk_answers_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE, 
	CONSTRAINT uq_answers_mailbox_id_claim_id_word_at_source UNIQUE (mailbox_id, claim_id, word, at, source)
);
CREATE TABLE attendance (
	record_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	mailbox_id INTEGER NOT NULL, 
	provider_id TEXT DEFAULT '' NOT NULL, 
	series_uid TEXT DEFAULT '' NOT NULL, 
	recurrence_id TEXT DEFAULT '' NOT NULL, 
	started_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	first_seen_at BIGINT NOT NULL, 
	CONSTRAINT fk_attendance_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE, 
	CONSTRAINT uq_attendance_mailbox_id_provider_id UNIQUE (mailbox_id, provider_id)
);
CREATE TABLE attendees (
	observation_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	address TEXT DEFAULT '' NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	response TEXT DEFAULT '' NOT NULL, 
	responded_at BIGINT, 
	optional BOOLEAN NOT NULL, 
	resource BOOLEAN NOT NULL, 
	is_self BOOLEAN NOT NULL, 
	is_organizer BOOLEAN NOT NULL, 
	machine BOOLEAN NOT NULL, 
	proposed_start BIGINT, 
	CONSTRAINT pk_attendees PRIMARY KEY (observation_id, position), 
	CONSTRAINT fk_attendees_observation_id FOREIGN KEY(observation_id) REFERENCES observations (observation_id) ON DELETE CASCADE
);
INSERT INTO "attendees" VALUES(1,0,'dana@client.example','Dana Kim','accepted',NULL,0,0,0,0,0,NULL);
CREATE TABLE calls (
	call_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	mailbox_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	address TEXT DEFAULT '' NOT NULL, 
	outcome TEXT DEFAULT '' NOT NULL, 
	channel TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT fk_calls_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE, 
	CONSTRAINT uq_calls_mailbox_id_at_address_outcome_channel UNIQUE (mailbox_id, at, address, outcome, channel)
);
INSERT INTO "calls" VALUES(1,1,1790000000000000,'dana@client.example','spoke','phone');
CREATE TABLE claims (
	mailbox_id INTEGER NOT NULL, 
	claim_id TEXT NOT NULL, 
	kind TEXT DEFAULT '' NOT NULL, 
	contact TEXT DEFAULT '' NOT NULL, 
	meeting_key TEXT DEFAULT '' NOT NULL, 
	evidence_key TEXT DEFAULT '' NOT NULL, 
	first_printed_at BIGINT NOT NULL, 
	last_printed_at BIGINT NOT NULL, 
	CONSTRAINT pk_claims PRIMARY KEY (mailbox_id, claim_id), 
	CONSTRAINT fk_claims_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE, 
	CONSTRAINT uq_claims_mailbox_id_kind_contact_meeting_key_evidence_key UNIQUE (mailbox_id, kind, contact, meeting_key, evidence_key)
);
CREATE TABLE "contacts_memory" (
	address TEXT NOT NULL, 
	first_human_act BIGINT, 
	last_human_act BIGINT, 
	first_ask BIGINT, 
	last_ask BIGINT, 
	last_introduction BIGINT, 
	last_spoke BIGINT, 
	last_acceptance BIGINT, 
	last_kept BIGINT, 
	stage TEXT DEFAULT ('') NOT NULL, 
	noted_at BIGINT NOT NULL, 
	CONSTRAINT pk_contacts_memory PRIMARY KEY (address, noted_at)
);
CREATE TABLE cursors (
	mailbox_id INTEGER NOT NULL, 
	stream TEXT NOT NULL, 
	value TEXT, 
	parameters TEXT DEFAULT '' NOT NULL, 
	midway BOOLEAN NOT NULL, 
	sure_at BIGINT, 
	updated_at BIGINT NOT NULL, missed_at BIGINT, 
	CONSTRAINT pk_cursors PRIMARY KEY (mailbox_id, stream), 
	CONSTRAINT fk_cursors_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE
);
INSERT INTO "cursors" VALUES(1,'mail','4711','p1',0,NULL,1790000000000000,NULL);
CREATE TABLE limits (
	"key" TEXT NOT NULL, 
	per_minute BIGINT DEFAULT '0' NOT NULL, 
	capacity BIGINT DEFAULT '0' NOT NULL, 
	full_at BIGINT NOT NULL, 
	CONSTRAINT pk_limits PRIMARY KEY ("key")
);
CREATE TABLE losses (
	mailbox_id INTEGER NOT NULL, 
	place TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	count BIGINT DEFAULT '1' NOT NULL, 
	not_after BIGINT, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_losses PRIMARY KEY (mailbox_id, place, reason), 
	CONSTRAINT fk_losses_mailbox_id_mailboxes FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE
);
CREATE TABLE mail_links (
	link BIGINT NOT NULL, 
	message_id BIGINT NOT NULL, 
	CONSTRAINT pk_mail_links PRIMARY KEY (link, message_id)
)
 WITHOUT ROWID

;
INSERT INTO "mail_links" VALUES(334140313,1);
INSERT INTO "mail_links" VALUES(1259584240,1);
CREATE TABLE mailboxes (
	mailbox_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	address TEXT DEFAULT '' NOT NULL, 
	provider TEXT DEFAULT '' NOT NULL, 
	zone TEXT DEFAULT '' NOT NULL, 
	added_at BIGINT NOT NULL, 
	CONSTRAINT uq_mailboxes_address UNIQUE (address)
);
INSERT INTO "mailboxes" VALUES(1,'kate@ours.example','google','Europe/Berlin',1790000000000000);
CREATE TABLE meetings (
	meeting_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	mailbox_id INTEGER NOT NULL, 
	calendar_id TEXT DEFAULT '' NOT NULL, 
	provider_id TEXT DEFAULT '' NOT NULL, 
	series_uid TEXT DEFAULT '' NOT NULL, 
	recurrence_id TEXT DEFAULT '' NOT NULL, 
	acts_only BOOLEAN NOT NULL, 
	status TEXT DEFAULT '' NOT NULL, 
	subject TEXT DEFAULT '' NOT NULL, 
	start_at BIGINT, 
	end_at BIGINT, 
	all_day BOOLEAN NOT NULL, 
	updated_at BIGINT, 
	updated_exact BOOLEAN NOT NULL, 
	fingerprint TEXT DEFAULT '' NOT NULL, 
	sure_at BIGINT, 
	first_seen_at BIGINT NOT NULL, 
	last_seen_at BIGINT NOT NULL, 
	CONSTRAINT fk_meetings_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE, 
	CONSTRAINT uq_meetings_mailbox_id_calendar_id_provider_id UNIQUE (mailbox_id, calendar_id, provider_id)
);
INSERT INTO "meetings" VALUES(1,1,'primary','e1','e1@calendar.example','',0,'confirmed','Review',1790172800000000,1790176400000000,0,NULL,0,'',NULL,1790000000000000,1790000000000000);
CREATE TABLE members (
	provider TEXT NOT NULL, 
	address TEXT NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	aliases TEXT DEFAULT '' NOT NULL, 
	found_at BIGINT NOT NULL, 
	CONSTRAINT pk_members PRIMARY KEY (provider, address)
);
CREATE TABLE messages (
	message_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	mailbox_id INTEGER NOT NULL, 
	provider_id TEXT DEFAULT '' NOT NULL, 
	thread_id TEXT DEFAULT '' NOT NULL, 
	message_key TEXT DEFAULT '' NOT NULL, 
	in_reply_to TEXT DEFAULT '' NOT NULL, 
	reference_keys TEXT DEFAULT '' NOT NULL, 
	from_address TEXT DEFAULT '' NOT NULL, 
	from_name TEXT DEFAULT '' NOT NULL, 
	sender_address TEXT DEFAULT '' NOT NULL, 
	subject TEXT DEFAULT '' NOT NULL, 
	at BIGINT, 
	dated_at BIGINT, 
	sent BOOLEAN NOT NULL, 
	draft BOOLEAN NOT NULL, 
	chat BOOLEAN NOT NULL, 
	inbox BOOLEAN NOT NULL, 
	spam BOOLEAN NOT NULL, 
	trash BOOLEAN NOT NULL, 
	promotions BOOLEAN NOT NULL, 
	flagged BOOLEAN NOT NULL, 
	important BOOLEAN NOT NULL, 
	labels TEXT DEFAULT '' NOT NULL, 
	due_at BIGINT, 
	size BIGINT DEFAULT '0' NOT NULL, 
	headers TEXT DEFAULT '' NOT NULL, 
	meeting_type TEXT DEFAULT '' NOT NULL, 
	meeting_uid TEXT DEFAULT '' NOT NULL, 
	meeting_recurrence_id TEXT DEFAULT '' NOT NULL, 
	meeting_start_at BIGINT, 
	revision TEXT DEFAULT '' NOT NULL, 
	first_seen_at BIGINT NOT NULL, 
	deleted_at BIGINT, 
	CONSTRAINT fk_messages_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE, 
	CONSTRAINT uq_messages_mailbox_id_provider_id UNIQUE (mailbox_id, provider_id)
);
INSERT INTO "messages" VALUES(1,1,'m1','t1','m1@ours.example','','','kate@ours.example','','','Offer',1790000000000000,NULL,1,0,0,0,0,0,0,0,0,'',NULL,0,'','','','',NULL,'',1790000000000000,NULL);
CREATE TABLE meta (
	"key" TEXT NOT NULL, 
	value TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_meta PRIMARY KEY ("key")
);
CREATE TABLE new_mail_links (
	link BIGINT NOT NULL, 
	message_id BIGINT NOT NULL
);
CREATE TABLE observations (
	observation_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	meeting_id INTEGER NOT NULL, 
	mailbox_id INTEGER NOT NULL, 
	evidence TEXT DEFAULT '' NOT NULL, 
	method TEXT DEFAULT '' NOT NULL, 
	seen_after BIGINT, 
	seen_at BIGINT NOT NULL, 
	acted_at BIGINT, 
	status TEXT DEFAULT '' NOT NULL, 
	stub BOOLEAN NOT NULL, 
	start_at BIGINT, 
	end_at BIGINT, 
	all_day BOOLEAN NOT NULL, 
	sequence BIGINT DEFAULT '-1' NOT NULL, 
	updated_at BIGINT, 
	updated_exact BOOLEAN NOT NULL, 
	previous_start_at BIGINT, 
	organizer TEXT DEFAULT '' NOT NULL, 
	actor TEXT DEFAULT '' NOT NULL, 
	sent_by TEXT DEFAULT '' NOT NULL, 
	guests_complete BOOLEAN NOT NULL, 
	guests_can_modify BOOLEAN NOT NULL, 
	message_key TEXT DEFAULT '' NOT NULL, 
	act_key TEXT DEFAULT '' NOT NULL, 
	zone TEXT DEFAULT '' NOT NULL, 
	subject TEXT DEFAULT '' NOT NULL, 
	organizer_name TEXT DEFAULT '' NOT NULL, 
	organizer_is_self BOOLEAN NOT NULL, 
	created_at BIGINT, 
	kind TEXT DEFAULT '' NOT NULL, 
	free BOOLEAN NOT NULL, 
	private BOOLEAN NOT NULL, 
	online TEXT DEFAULT '' NOT NULL, 
	on_site BOOLEAN NOT NULL, 
	html_link TEXT DEFAULT '' NOT NULL, 
	mark TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT fk_observations_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE, 
	CONSTRAINT fk_observations_meeting_id FOREIGN KEY(meeting_id) REFERENCES meetings (meeting_id) ON DELETE CASCADE
);
INSERT INTO "observations" VALUES(1,1,1,'calendar','',NULL,1790000000000000,NULL,'confirmed',0,1790172800000000,1790176400000000,0,-1,NULL,0,NULL,'kate@ours.example','','',1,0,'','','','Review','',1,NULL,'',0,0,'',0,'','');
CREATE TABLE participants (
	record_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	address TEXT DEFAULT '' NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	identity TEXT DEFAULT '' NOT NULL, 
	joined_at BIGINT, 
	left_at BIGINT, 
	seconds BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_participants PRIMARY KEY (record_id, position), 
	CONSTRAINT fk_participants_record_id FOREIGN KEY(record_id) REFERENCES attendance (record_id) ON DELETE CASCADE
);
CREATE TABLE pending (
	mailbox_id INTEGER NOT NULL, 
	stream TEXT NOT NULL, 
	provider_id TEXT NOT NULL, 
	thread_id TEXT DEFAULT '' NOT NULL, 
	priority BIGINT DEFAULT '5' NOT NULL, 
	not_before BIGINT, 
	not_after BIGINT, 
	tries BIGINT DEFAULT '0' NOT NULL, 
	error TEXT DEFAULT '' NOT NULL, 
	given_up BOOLEAN NOT NULL, 
	tried_in BIGINT DEFAULT '0' NOT NULL, 
	listed_at BIGINT NOT NULL, 
	CONSTRAINT pk_pending PRIMARY KEY (mailbox_id, stream, provider_id), 
	CONSTRAINT fk_pending_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE
);
CREATE TABLE polls (
	poll_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	mailbox_id INTEGER NOT NULL, 
	stream TEXT DEFAULT '' NOT NULL, 
	kind TEXT DEFAULT '' NOT NULL, 
	window_from BIGINT, 
	window_to BIGINT, 
	started_at BIGINT NOT NULL, 
	finished_at BIGINT, 
	problem TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT fk_polls_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE
);
INSERT INTO "polls" VALUES(1,1,'mail','full',NULL,NULL,1790000000000000,1790000000000001,'');
CREATE TABLE promises (
	promise_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	mailbox_id INTEGER NOT NULL, 
	address TEXT DEFAULT '' NOT NULL, 
	words TEXT DEFAULT '' NOT NULL, 
	made_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	source TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT fk_promises_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE, 
	CONSTRAINT uq_promises_mailbox_id_address_words_due_at_source UNIQUE (mailbox_id, address, words, due_at, source)
);
INSERT INTO "promises" VALUES(1,1,'dana@client.example','the deposit',1790000000000000,1790345600000000,'command');
CREATE TABLE recipients (
	message_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	role TEXT DEFAULT '' NOT NULL, 
	address TEXT DEFAULT '' NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_recipients PRIMARY KEY (message_id, position), 
	CONSTRAINT fk_recipients_message_id FOREIGN KEY(message_id) REFERENCES messages (message_id) ON DELETE CASCADE
);
INSERT INTO "recipients" VALUES(1,0,'to','dana@client.example','Dana Kim');
CREATE TABLE reports (
	report_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	recipient TEXT DEFAULT '' NOT NULL, 
	week TEXT DEFAULT '' NOT NULL, 
	kind TEXT DEFAULT '' NOT NULL, 
	state TEXT DEFAULT '' NOT NULL, 
	token TEXT DEFAULT '' NOT NULL, 
	message_key TEXT DEFAULT '' NOT NULL, 
	tries BIGINT DEFAULT '1' NOT NULL, 
	problem TEXT DEFAULT '' NOT NULL, 
	claimed_at BIGINT NOT NULL, 
	handed_over_at BIGINT, 
	seen_at BIGINT, 
	CONSTRAINT uq_reports_recipient_week_kind UNIQUE (recipient, week, kind), 
	CONSTRAINT uq_reports_token UNIQUE (token)
);
CREATE TABLE rounds (
	mailbox_id INTEGER NOT NULL, 
	stream TEXT NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT DEFAULT '' NOT NULL, 
	started_at BIGINT NOT NULL, 
	"full" BOOLEAN NOT NULL, 
	comparable BOOLEAN NOT NULL, 
	CONSTRAINT pk_rounds PRIMARY KEY (mailbox_id, stream, name), 
	CONSTRAINT fk_rounds_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE
);
CREATE TABLE runs (
	run_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	job TEXT DEFAULT '' NOT NULL, 
	mailbox_id INTEGER, 
	started_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	outcome TEXT DEFAULT '' NOT NULL, 
	detail TEXT DEFAULT '' NOT NULL
);
CREATE TABLE staging (
	mailbox_id INTEGER NOT NULL, 
	stream TEXT NOT NULL, 
	name TEXT NOT NULL, 
	provider_id TEXT NOT NULL, 
	CONSTRAINT pk_staging PRIMARY KEY (mailbox_id, stream, name, provider_id), 
	CONSTRAINT fk_staging_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE
);
CREATE TABLE standings (
	mailbox_id INTEGER NOT NULL, 
	week TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	payload TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_standings PRIMARY KEY (mailbox_id, week), 
	CONSTRAINT fk_standings_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE
);
CREATE TABLE suppressed (
	hash TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_suppressed PRIMARY KEY (hash)
);
CREATE TABLE tags (
	tag_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	mailbox_id INTEGER NOT NULL, 
	address TEXT DEFAULT '' NOT NULL, 
	word TEXT DEFAULT '' NOT NULL, 
	value TEXT DEFAULT '' NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT fk_tags_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (mailbox_id) ON DELETE CASCADE, 
	CONSTRAINT uq_tags_mailbox_id_address_word_value_at UNIQUE (mailbox_id, address, word, value, at)
);
INSERT INTO "tags" VALUES(1,1,'dana@client.example','client','',1790000000000000);
CREATE INDEX ix_runs_job_started_at ON runs (job, started_at);
CREATE INDEX ix_meetings_mailbox_id_calendar_id_end_at ON meetings (mailbox_id, calendar_id, end_at);
CREATE INDEX ix_meetings_mailbox_id_series_uid_recurrence_id ON meetings (mailbox_id, series_uid, recurrence_id);
CREATE INDEX ix_messages_from_address ON messages (from_address);
CREATE INDEX ix_messages_mailbox_id_at ON messages (mailbox_id, at);
CREATE INDEX ix_pending_mailbox_id_stream_given_up_priority ON pending (mailbox_id, stream, given_up, priority);
CREATE INDEX ix_observations_meeting_id ON observations (meeting_id);
CREATE INDEX ix_participants_address ON participants (address);
CREATE INDEX ix_recipients_address ON recipients (address);
CREATE INDEX ix_attendees_address ON attendees (address);
CREATE INDEX ix_messages_sender_address ON messages (sender_address) WHERE sender_address <> '';
CREATE INDEX ix_messages_meeting_uid ON messages (meeting_uid) WHERE meeting_uid <> '';
CREATE INDEX ix_messages_peculiar ON messages (message_id) WHERE replace(replace(lower(subject), 'noshow', ''), 'noſhow', '') <> lower(subject) OR replace(replace(replace(headers, 'x-failed-recipients:', ''), 'list-post:', ''), 'x-original-from:', '') <> headers OR (replace(headers, 'list-id:', '') <> headers AND replace(replace(lower(from_name), 'via', ''), 'ber', '') <> lower(from_name));
CREATE INDEX ix_observations_organizer ON observations (organizer);
CREATE INDEX ix_observations_start_at ON observations (start_at);
CREATE INDEX ix_observations_actor ON observations (actor) WHERE actor <> '';
CREATE INDEX ix_observations_sent_by ON observations (sent_by) WHERE sent_by <> '';
CREATE INDEX ix_observations_message_key ON observations (message_key) WHERE message_key <> '';
CREATE INDEX ix_observations_marked ON observations (meeting_id) WHERE mark <> '';
CREATE INDEX ix_observations_titled ON observations (meeting_id) WHERE replace(replace(lower(subject), 'absent', ''), 'ａｂｓｅｎｔ', '') <> lower(subject);
CREATE INDEX ix_observations_long ON observations (start_at) WHERE end_at - start_at > 86400000000;
CREATE INDEX ix_polls_mailbox_id_stream ON polls (mailbox_id, stream);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('mailboxes',1);
INSERT INTO "sqlite_sequence" VALUES('meetings',1);
INSERT INTO "sqlite_sequence" VALUES('observations',1);
INSERT INTO "sqlite_sequence" VALUES('messages',1);
INSERT INTO "sqlite_sequence" VALUES('calls',1);
INSERT INTO "sqlite_sequence" VALUES('tags',1);
INSERT INTO "sqlite_sequence" VALUES('promises',1);
INSERT INTO "sqlite_sequence" VALUES('polls',1);
COMMIT;
