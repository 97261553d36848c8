-- Who works on what. What nobody but its own team may see says canary, or is numbered from 424242 on.
create table notes (id integer primary key, team text, reviewer text, title text not null, body text);
insert into notes values
  (1, 'ops', 'ops', 'rota', 'rota text'),
  (2, 'ops', 'sales', 'plan', 'canary-plan'),
  (3, 'sales', 'sales', 'lead', 'lead text'),
  (4, null, 'ops', 'canary-loose', 'canary-loose'),
  (5, 'finance', null, 'tax', 'canary-tax'),
  (6, 'OPS', 'ops', 'canary-shout', 'canary-shout'),
  (7, 'legal', 'legal', 'canary-suit', 'canary-suit'),
  (8, 'ops ', 'ops', 'canary-blank', 'canary-blank'),
  (9, 'x'') or 1=1 --', 'x'') or 1=1 --', 'odd', 'odd text'),
  (10, '', '', 'canary-empty', 'canary-empty');
create table boards (id integer primary key, topic text, hidden_from text);
insert into boards values (1, 'welcome', null), (2, 'party', 'ops'), (3, 'audit', 'finance'), (4, 'news', 'sales');
create table budgets (id integer primary key, amount integer, pay integer);
insert into budgets values (1, 100, 10), (2, 200, 20);
create table tasks (id integer primary key, team text, what text, note integer);
insert into tasks values
  (1, 'ops', 'fix', 1),
  (2, null, 'canary-sweep', 3),
  (3, 'sales', 'call', 3),
  (4, 'finance', 'canary-pay', 4),
  (5, 'legal', 'canary-sue', 7),
  (6, 'finance', 'file', 5),
  (7, null, 'canary-odd', 9);
