-- version 1
-- One row per account and month with entries: the sums of either side, and `own_debit`, `own_credit` without closings (income
-- and expense lines of vouchers that move 本年利润 or 利润分配), so that a closed month still tells what it earned and spent.
WITH summed AS (
    SELECT organisation, account, year, month, max(account_name) AS account_name, max(tag) AS tag,
           max(category) AS category, max(side) AS side, sum(debit) AS debit, sum(credit) AS credit
    FROM entry
    GROUP BY organisation, account, year, month
),
closing AS (
    SELECT DISTINCT organisation, voucher
    FROM entry
    WHERE tag IN ('current_profit', 'distribution')
),
closed AS (
    SELECT e.organisation, e.account, e.year, e.month, sum(e.debit) AS debit, sum(e.credit) AS credit
    FROM entry e
    LEFT SEMI JOIN closing c ON e.organisation = c.organisation AND e.voucher = c.voucher
    WHERE e.category = '损益'
    GROUP BY e.organisation, e.account, e.year, e.month
)
SELECT s.organisation, s.account, s.account_name, s.tag, s.category, s.side, s.year, s.month, s.debit, s.credit,
       s.debit - coalesce(c.debit, CAST(0 AS DECIMAL(18, 2))) AS own_debit,
       s.credit - coalesce(c.credit, CAST(0 AS DECIMAL(18, 2))) AS own_credit
FROM summed s
LEFT JOIN closed c
    ON s.organisation = c.organisation AND s.account = c.account AND s.year = c.year AND s.month = c.month
