-- What a desk writes to. What nobody but its owner may see says canary.
create table notes (id integer primary key, owner integer not null, team text, title text not null collate nocase unique, body text, secret text,
  state text default 'fresh');
insert into notes values
  (1, 10, 'a', 'alpha', 'body-1', 'canary-s1', 'new'),
  (2, 10, 'b', 'beta', 'body-2', 'canary-s2', 'done'),
  (3, 20, 'a', 'canary-gamma', 'canary-b3', 'canary-s3', 'new'),
  (4, 10, 'a', 'delta', null, null, 'locked'),
  (5, 20, 'open', 'epsilon', 'body-5', 'canary-s5', 'new'),
  (6, 10, 'frozen', 'zeta', 'body-6', 'canary-s6', 'new'),
  (7, 20, 'b', 'canary-eta', 'x', 'canary-s7', 'new');
create table seals (id integer primary key, owner integer, team text, title text, body text, state text);
insert into seals values (1, 10, 'a', 't1', 'b1', 'free'), (2, 10, 'a', 't2', 'b2', 'sealed'), (3, 20, 'open', 't3', 'canary-b3', 'free'),
  (4, 20, 'open', 'canary-t4', 'canary-b4', 'sealed'), (5, 20, 'b', 'canary-t5', 'canary-b5', 'free'), (6, 10, 'a', 't6', 'b6', null);
create table labels (id integer primary key, owner integer, word text unique on conflict replace, place text unique on conflict ignore);
insert into labels values (1, 20, 'canary-w', 'p1'), (2, 10, 'mine', 'p2');
create table people (id integer primary key, name text not null, mail text, pin text, size integer, twice integer as (size * 2) stored);
insert into people (id, name, mail, pin, size) values (1, 'Ann', 'ann@x.example', 'canary-1', 5), (2, 'Bob', 'bob@x.example', 'canary-2', 0), (200, 'canary-Zoe', 'canary-zoe', 'canary-3', 7);
create table items (label text, nr integer not null, box text not null collate nocase, primary key (box, nr)) without rowid;
insert into items values ('one', 1, 'Red'), ('two', 2, 'red'), ('canary-three', 1, 'Blue');
create table stock (code text primary key, amount integer not null constraint canary_amount check (amount >= 0));
insert into stock values ('iron', 5), ('gold', 9), ('tin', 0);
create table ledger (id integer primary key, branch integer, kind text, amount integer);
insert into ledger values (1, 1, 'n', 10), (2, 7, 's', 20), (3, 1, 's', 424242), (4, 7, 'n', 424242), (5, null, 'n', 424242);
create table parents (id integer primary key, name text, owner integer);
insert into parents values (1, 'p1', 10), (2, 'p2', 20), (3, 'p3', 10);
create table children (id integer primary key, parent integer references parents (id) on delete cascade, note text, owner integer);
insert into children values (1, 1, 'c1', 10), (2, 1, 'canary-c2', 20), (3, 2, 'canary-c3', 20);
create table leaves (id integer primary key, parent integer references parents (id));
insert into leaves values (1, 3);
create table readings (id integer primary key, value integer, stamp text);
insert into readings values (1, 5, 'x'), (2, 50, 'y');
create table trail (what text);
create trigger reading_changes after update on readings begin insert into trail values ('was ' || old.value); end;
create trigger reading_clamped after insert on readings when new.value > 90 begin update readings set value = 666 where id = new.id; end;
create trigger reading_dropped before insert on readings when new.value = 13 begin select raise(ignore); end;
create trigger reading_moved before update on readings when new.value = 14 begin delete from readings where id = old.id; end;
create trigger reading_raised before update on readings when new.value = 15 begin select raise(abort, 'canary-raised'); end;
create trigger reading_undone before update on readings when new.value = 16 begin select raise(rollback, 'canary-rolled'); end;
create table kept (id integer primary key, owner integer, name text collate nocase, twice text as (name || name) stored);
create table kept_history (id integer not null, owner integer, name text collate nocase, twice text, grille_number integer primary key,
  grille_at text not null, grille_by text, grille_for text, grille_policy text not null, grille_method text not null);
insert into kept (id, owner, name) values (1, 10, 'k'), (2, 10, 'l'), (3, 20, 'canary-m'), (4, 10, 'final');
create table boxes (label text, nr integer not null, box text not null collate nocase, primary key (box, nr)) without rowid;
create table boxes_history (grille_number integer primary key autoincrement, grille_method text not null, grille_policy text not null,
  grille_at text not null, grille_by text, grille_for text, box text not null collate nocase, nr integer not null, label text);
insert into boxes values ('one', 1, 'Red'), ('two', 2, 'red'), ('canary-three', 1, 'Blue');
create table places (id integer primary key, owner integer, name text, depth integer);
insert into places values (1, 10, 'p', 1), (2, 10, 'q', 2), (3, 20, 'canary-r', 3), (4, 10, 'deep', 9), (5, 10, 's', 5), (6, 10, 'm', 6);
create table signs (id integer primary key, place integer references places (id) on update cascade, word text);
insert into signs values (1, 1, 'canary-w'), (2, 5, 'canary-x');
create table posts (id integer primary key, place integer references places (id));
insert into posts values (1, 5);
create trigger place_stays before update on places when new.name = 'stays' begin select raise(ignore); end;
create trigger place_goes_on after update on places when new.name = 'goes on' begin update places set id = id + 20, name = 'went' where id = new.id; end;
create table turned (id integer primary key desc, owner integer);
insert into turned values (30, 10), (10, 10), (20, 20);
create table members (id integer primary key, owner integer, mail text, room integer, chair integer, gone text, status text, part integer, code text,
  note text, pin text, level integer default 3, grade integer default 7, tag text);
create unique index members_mail on members (lower(mail)) where gone is null;
create unique index members_place on members (room, chair) where status in ('open', 'kept');
create unique index members_part on members ((100 / part)) where part <> 0;
create unique index members_fails on members (grade) where owner <> 0 and abs(owner) > 1000;
create unique index members_level on members (level) where level > 100;
create unique index members_code on members (upper(code) desc);
create unique index members_pin on members (lower(pin));
insert into members values (1, 10, 'Ann@x', 1, 1, null, 'open', 5, 'aa', 'n', 'canary-p1', 1, 424242, null), (2, 10, 'bob@x', 1, 2, 'left', 'open', 10, 'bb', 'n', 'canary-p2', 1, 424242, null),
  (3, 20, 'canary-Cy@x', 1, 3, null, 'kept', 0, 'canary-cc', 'canary-n3', 'canary-p3', 1, 424242, null), (4, 10, 'dan@x', 9, 1, null, 'shut', 0, 'dd', 'n', 'canary-p4', 1, 424242, null),
  (5, 20, 'canary-el@x', 1, 4, 'canary-g', 'open', 20, 'canary-ee', 'canary-n5', 'canary-p5', 1, 424242, null);
create table bookings (id integer primary key, owner integer, room integer, start integer, pin text);
insert into bookings values (6, 20, 1, 700, 'canary-p');
create table pairs (nr int primary key, owner integer, a integer, label text, c integer, d integer, e integer, f integer, g integer, h integer, unique (nr, a));
insert into pairs (nr, owner, a) values (1, 10, 5), (4, 20, 42);
create table slots (id integer primary key, owner integer, line integer, place integer, note text, unique (line, place), unique (place, note));
insert into slots values (4, 20, 1, 700, 'canary-n');
create table shelves (id integer primary key, owner integer, a integer, b integer, c integer default 5, d integer, e integer, gone integer, unique (a, b), unique (a, c), unique (b, d), unique (e, b));
create unique index shelves_e on shelves (e) where gone is null;
insert into shelves values (4, 20, 1, 2, 5, 8, 70, null);
create table lockers (id integer primary key, owner integer, a integer, b integer, c integer check (c = 5), d integer, e integer, f integer, unique (a, b), unique (a, c), unique (d, b), unique (d, e), unique (e, b));
create unique index lockers_f on lockers (e, (f * 0));
insert into lockers values (4, 20, 1, 2, 5, 8, 70, 9);
create table crates (id integer primary key, owner integer, a integer unique, b integer, g integer generated always as (a * 100 + b) stored unique);
create table lamps (id integer primary key check (id = 1), owner integer, word text unique);
insert into crates (id, owner, a, b) values (4, 20, 1, 2);
insert into lamps values (1, 20, 'canary-l');
create table codes (id integer primary key, owner integer, k integer, w text unique, m text unique, own text unique);
insert into codes values (1, 10, 0, 'canary-a', 'canary-m1', 'mine'), (2, 20, 0, 'canary-b', 'canary-m2', 'canary-o2');
create table tickets (id integer primary key, owner integer, code text unique default 'c0', word text, touched text default 'never');
insert into tickets values (1, 10, 'c0', 'one', 'never'), (2, 20, 'c2', 'canary-two', 'never');
create table shouts (id integer primary key, word text);
create table echoes (word text unique, of integer);
insert into echoes values ('canary-old', 0);
create trigger shout_echoes after insert on shouts when new.id < 50 begin insert into echoes values (new.word, new.id); end;
create trigger shout_ignores after insert on shouts when new.id between 50 and 99 begin insert or ignore into echoes values (new.word, new.id); end;
create trigger shout_replaces after insert on shouts when new.id > 99 begin insert or replace into echoes values (new.word, new.id); end;
create view seen_notes as select id, title from notes;
