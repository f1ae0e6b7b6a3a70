(function () {
  'use strict';
  var $ = function (q, r) { return Array.prototype.slice.call((r || document).querySelectorAll(q)); };
  var table = document.getElementById('t'), rows = $('tbody', table), first = rows.slice();
  var find = document.getElementById('f'), list = document.getElementById('fl'), stage = document.getElementById('fs');
  var late = document.getElementById('fk'), all = document.getElementById('all'), count = document.getElementById('cnt');
  document.documentElement.className = 'js';
  document.querySelector('.bar').hidden = false;

  // A row opens by its name; without script its own summary does that.
  function open(row, yes) {
    row.classList.toggle('open', yes);
    row.querySelector('details').open = yes;
    row.querySelector('.tog').setAttribute('aria-expanded', String(yes));
  }
  rows.forEach(function (row) {
    var name = row.querySelector('.nm'), b = document.createElement('button');
    b.type = 'button'; b.className = 'tog'; b.textContent = name.textContent;
    b.setAttribute('aria-expanded', 'false');
    b.setAttribute('aria-controls', row.querySelector('details').id);
    b.addEventListener('click', function () { open(row, !row.classList.contains('open')); });
    name.textContent = ''; name.appendChild(b);
  });

  // Sorting: a click sorts, a second one turns round, a third restores the report's order.
  var words = { name: 1, company: 1, stage: 1, list: 1, heard: 1 };
  function sort(th, b, key) {
    var now = b.dataset.dir, up = 'ascending', down = 'descending', start = words[key] && key !== 'heard' ? up : down;
    var next = !now ? start : now === start ? (start === up ? down : up) : '', sign = next === up ? 1 : -1;
    $('thead button', table).forEach(function (o) { delete o.dataset.dir; o.parentNode.removeAttribute('aria-sort'); });
    var sorted = first.slice();
    if (next) {
      b.dataset.dir = next; th.setAttribute('aria-sort', next);
      sorted.sort(function (r, s) {
        var x = r.dataset[key], y = s.dataset[key];
        return sign * (words[key] ? x.localeCompare(y) : x - y) || r.dataset.name.localeCompare(s.dataset.name);
      });
    }
    sorted.forEach(function (row) { table.appendChild(row); });
  }
  $('thead th[data-keys]', table).forEach(function (th) {
    var keys = th.dataset.keys.split(' '), labels = keys.length > 1 ? th.dataset.labels.split('|') : [th.textContent];
    th.textContent = '';
    keys.forEach(function (key, i) {
      var b = document.createElement('button');
      b.type = 'button'; b.textContent = labels[i];
      b.addEventListener('click', function () { sort(th, b, key); });
      th.appendChild(b);
    });
  });

  // Filtering: all that is chosen must hold; the count is spoken.
  function plain(s) { return s.toLowerCase().normalize('NFD').replace(/[\u0300-\u036f]/g, ''); }
  function filter() {
    var q = plain(find.value.trim()), n = 0;
    rows.forEach(function (row) {
      var d = row.dataset;
      var yes = plain(d.name + ' ' + d.company).indexOf(q) >= 0 && (!list.value || d.list === list.value) &&
        (!stage.value || d.stage === stage.value) && (!late.checked || Number(d.late) + Number(d.absent) > 0);
      row.hidden = !yes; n += yes ? 1 : 0;
    });
    count.textContent = (n < rows.length ? count.dataset.some : count.dataset.all).replace('#', n);
    document.getElementById('none').hidden = n > 0;
  }
  find.addEventListener('input', filter);
  [list, stage, late].forEach(function (e) { e.addEventListener('change', filter); });
  all.addEventListener('click', function () {
    var yes = all.dataset.state !== 'open';
    rows.forEach(function (row) { if (!row.hidden) open(row, yes); });
    all.dataset.state = yes ? 'open' : '';
    all.textContent = yes ? all.dataset.close : all.dataset.open;
  });

  // #omar-haddad, from the mail, opens that row.
  function hash() {
    var row = location.hash && document.getElementById(location.hash.slice(1));
    if (row && rows.indexOf(row) >= 0) { open(row, true); row.scrollIntoView(); row.querySelector('.tog').focus({ preventScroll: true }); }
  }
  window.addEventListener('hashchange', hash); hash();

  // A rule's explanation can be put away with Escape.
  document.addEventListener('keydown', function (e) {
    if (e.key === 'Escape') $('.rule:hover,.rule:focus').forEach(function (r) { r.classList.add('hush'); });
  });
  $('.rule').forEach(function (r) {
    ['mouseleave', 'blur'].forEach(function (t) { r.addEventListener(t, function () { r.classList.remove('hush'); }); });
  });

  // On paper the people to talk to show their events.
  window.addEventListener('beforeprint', function () {
    rows.forEach(function (row) { if (row.dataset.list === 'talk') open(row, true); });
  });
}());
