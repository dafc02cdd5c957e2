-- version 1
-- One row per account and month with movement, and one per opening balance (month 0, dated the day before its year): the
-- balance at `month_end`, debit positive, all parties together. Each stretch of years stands on the latest opening handed in
-- (`base_year`); years before the first opening have no rows: their balances are unknown, not zero.
WITH moved AS (
    SELECT o.organisation, o.account, o.year AS base_year, o.year, 0 AS month, max(o.account_name) AS account_name,
           max(o.tag) AS tag, max(o.category) AS category, max(o.side) AS side, sum(o.debit) - sum(o.credit) AS net
    FROM opening_balance o
    GROUP BY o.organisation, o.account, o.year
    UNION ALL
    SELECT m.organisation, m.account, b.base_year, m.year, m.month, m.account_name, m.tag, m.category, m.side,
           m.debit - m.credit AS net
    FROM account_month m
    JOIN money_base b ON m.organisation = b.organisation AND m.year = b.year
)
SELECT organisation, account, account_name, tag, category, side, base_year, year, month, net,
       CASE WHEN month = 0 THEN make_date(year, 1, 1) - 1
            ELSE add_months(make_date(year, month, 1), 1) - 1 END AS month_end,
       sum(net) OVER (PARTITION BY organisation, account, base_year ORDER BY year, month
                      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS balance
FROM moved
