-- version 1
-- One row per cash or bank account and day with movement: balance at the end of the day, opening balance included.
-- Years before the first opening balance are left out: their balances are unknown, not zero.
WITH opening AS (
    SELECT o.organisation, o.account, o.year AS base_year, sum(o.debit) - sum(o.credit) AS opening
    FROM opening_balance o
    WHERE o.tag IN ('cash', 'bank', 'other_cash')
    GROUP BY o.organisation, o.account, o.year
),
moved AS (
    SELECT e.organisation, e.account, b.base_year, e.date, max(e.account_name) AS account_name, max(e.tag) AS tag,
           sum(e.debit) AS debit, sum(e.credit) AS credit
    FROM entry e
    JOIN money_base b ON e.organisation = b.organisation AND cast(date_part('year', e.date) AS BIGINT) = b.year
    WHERE e.tag IN ('cash', 'bank', 'other_cash')
    GROUP BY e.organisation, e.account, b.base_year, e.date
)
SELECT
    m.organisation, m.account, m.account_name, m.tag, m.date, m.debit, m.credit,
    coalesce(o.opening, CAST(0 AS DECIMAL(18, 2))) + sum(m.debit - m.credit) OVER (
        PARTITION BY m.organisation, m.account, m.base_year ORDER BY m.date
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS balance
FROM moved m
LEFT JOIN opening o
    ON m.organisation = o.organisation AND m.account = o.account AND m.base_year = o.base_year
