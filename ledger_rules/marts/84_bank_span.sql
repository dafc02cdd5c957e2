-- version 1
-- One row per bank account with lines: the days its statement covers, those the books cover, a name to show, and `pool`: the
-- ledger account that 银行账户 ties it to, or `*` where it ties to none that the books use.
WITH covered AS (
    SELECT organisation, account_hash, min(date) AS first_day, max(date) AS last_day
    FROM bank_txn GROUP BY organisation, account_hash
),
listed AS (
    SELECT organisation, account_hash, max(account) AS account, max(holder_name) AS holder_name
    FROM bank_account GROUP BY organisation, account_hash
),
used AS (
    SELECT DISTINCT organisation, account FROM daily_balance WHERE tag <> 'cash'
)
SELECT s.organisation, s.account_hash, s.first_day, s.last_day, k.books_from, k.books_to, coalesce(d.account, '*') AS pool,
       concat(coalesce(b.holder_name, '账户'), '(尾号', right(s.account_hash, 4), ')') AS bank_account
FROM covered s
JOIN book_span k ON s.organisation = k.organisation
LEFT JOIN listed b ON s.organisation = b.organisation AND s.account_hash = b.account_hash
LEFT JOIN used d ON b.organisation = d.organisation AND b.account = d.account
