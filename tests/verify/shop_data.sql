insert into users (id, name, email, ssn, protected) values
  (1, 'Ada', 'ada@example.org', '111', 0), (2, 'Bo', 'bo@example.org', '222', 1), (3, 'Cy', null, '333', null), (17, 'Anna', 'anna@example.org', '777', 1),
  (18, 'Dan', 'dan@example.org', '888', 0), (99, 'Eve', 'eve@example.org', '999', 1), (100, 'Fay', 'fay@example.org', '000', 0), (250, 'Gil', 'gil@example.org', '250', 1);
insert into orders (id, buyer_id, shop_id, region, desk, status, total, note) values
  (1, 17, 1, 'n', 1, 'open', 30, 'first'), (2, 18, 7, 's', 7, 'shipped', 50, 'second'), (3, 17, 1, 'n', 7, 'deleted', 10, 'third'),
  (4, 1, 9, 's', 1, 'held', 400, 'secret'), (5, 2, 9, 'n', 2, 'OPEN', 70, '{"k": 1}'), (6, 3, 1, 'n', 3, 'Held', 80, null),
  (7, 99, 1, 'n', 4, 'open', 90, 'seventh'), (8, 100, 7, 'n', 5, 'draft', 120, 'secret'), (9, null, 9, 's', 7, 'open', null, 'ninth'),
  (10, 17, 9, 's', 2, null, 5, '{"k": 2}'), (11, 1, 1, 'n', 1, 'held', 11, 'x'), (12, 2, 7, 'n', 1, 'held', 12, 'y'), (13, 3, 7, 'n', 7, 'held', 13, 'z');
insert into books (id, title, price, doc) values (1, 'Alpha', 5, '{"k": 1}'), (2, 'beta', 20, '[1, 2]'), (3, 'Gamma', 7, null), (4, 'Delta', 7, '"d"');
insert into log (id, what) values (1, 'log-1'), (2, 'log-2');
