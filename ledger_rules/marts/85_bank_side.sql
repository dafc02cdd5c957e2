-- version 1
-- Bank lines inside the span of the books (side 'bank') and entries of bank accounts (side 'book') of organisations that handed
-- in bank lines, one under the other, money in positive. `pool`: see bank_span; where an organisation has an account tied to
-- no ledger account, all its entries stand a second time in pool `*`. `other_net`, `other_first`, `other_last`: what stands on
-- the other side under the same bank number, NULL where nothing does. Red-ink vouchers and those they take back are left out: neither
-- reached the bank.
WITH line AS (
    SELECT t.organisation, t.account_hash, t.txn_no, t.date, t.peer_name, t.memo, s.pool,
           coalesce(t.credit_in, CAST(0 AS DECIMAL(18, 2))) - coalesce(t.debit_out, CAST(0 AS DECIMAL(18, 2))) AS net
    FROM bank_txn t
    JOIN bank_span s ON t.organisation = s.organisation AND t.account_hash = s.account_hash
    WHERE t.date BETWEEN s.books_from AND s.books_to
),
red AS (
    SELECT organisation, voucher FROM voucher WHERE reverses IS NOT NULL
    UNION
    SELECT organisation, reverses AS voucher FROM voucher WHERE reverses IS NOT NULL
),
item AS (
    SELECT e.organisation, e.voucher, e.line, e.date, e.account, e.debit - e.credit AS net, e.bank_txn_no, e.counterparty
    FROM entry e
    LEFT SEMI JOIN bank_span s ON e.organisation = s.organisation
    LEFT ANTI JOIN red r ON e.organisation = r.organisation AND e.voucher = r.voucher
    WHERE e.tag IN ('bank', 'other_cash') AND e.debit <> e.credit
),
item_number AS (
    SELECT organisation, bank_txn_no, sum(net) AS net, min(date) AS first_day, max(date) AS last_day
    FROM item WHERE bank_txn_no IS NOT NULL
    GROUP BY organisation, bank_txn_no
),
line_number AS (
    SELECT organisation, txn_no, sum(net) AS net, min(date) AS first_day, max(date) AS last_day
    FROM line
    GROUP BY organisation, txn_no
),
booked AS (
    SELECT i.organisation, i.account, i.voucher, i.line, i.date, i.net, i.counterparty, n.net AS other_net, n.first_day, n.last_day
    FROM item i
    LEFT JOIN line_number n ON i.organisation = n.organisation AND i.bank_txn_no = n.txn_no
)
SELECT l.organisation, 'bank' AS side, l.account_hash, l.pool, l.txn_no AS ref, 0 AS line, l.date, l.net, l.peer_name AS who, l.memo,
       n.net AS other_net, n.first_day AS other_first, n.last_day AS other_last
FROM line l
LEFT JOIN item_number n ON l.organisation = n.organisation AND l.txn_no = n.bank_txn_no
WHERE l.net <> 0
UNION ALL
SELECT b.organisation, 'book' AS side, CAST(NULL AS VARCHAR) AS account_hash, b.account AS pool, b.voucher AS ref, b.line, b.date, b.net, b.counterparty AS who,
       CAST(NULL AS VARCHAR) AS memo, b.other_net, b.first_day AS other_first, b.last_day AS other_last
FROM booked b
UNION ALL
SELECT b.organisation, 'book' AS side, CAST(NULL AS VARCHAR) AS account_hash, '*' AS pool, b.voucher AS ref, b.line, b.date, b.net, b.counterparty AS who,
       CAST(NULL AS VARCHAR) AS memo, b.other_net, b.first_day AS other_first, b.last_day AS other_last
FROM booked b
LEFT SEMI JOIN (SELECT organisation FROM bank_span WHERE pool = '*') x ON b.organisation = x.organisation
