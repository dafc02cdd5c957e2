-- version 1
-- One row per organisation and year whose every month from January to December has entries and that an opening balance
-- stands before: `profit`, income minus expense without closings; `opening_undistributed`, what was there to distribute at
-- its beginning (credit positive); `reserved`, what went from 收益分配 to 公积金 in the year. Years cut off are left out.
WITH whole AS (
    SELECT b.organisation, b.year, b.base_year
    FROM money_base b
    JOIN (SELECT organisation, year, count(DISTINCT month) AS months FROM account_month GROUP BY organisation, year) m
        ON b.organisation = m.organisation AND b.year = m.year
    WHERE m.months = 12
),
earned AS (
    SELECT organisation, year, sum(own_credit - own_debit) AS profit
    FROM account_month
    WHERE category = '损益'
    GROUP BY organisation, year
),
-- The last balance before the year within the same base, summed over the accounts of profit and its distribution.
held AS (
    SELECT w.organisation, w.year, 0 - sum(b.net) AS opening_undistributed
    FROM whole w
    JOIN account_balance b ON w.organisation = b.organisation AND w.base_year = b.base_year
    WHERE b.tag IN ('current_profit', 'distribution') AND b.month_end < make_date(w.year, 1, 1)
    GROUP BY w.organisation, w.year
),
reserving AS (
    SELECT r.organisation, r.year, sum(r.credit) AS reserved
    FROM entry r
    LEFT SEMI JOIN (SELECT DISTINCT organisation, voucher FROM entry WHERE tag = 'distribution' AND debit > 0) d
        ON r.organisation = d.organisation AND r.voucher = d.voucher
    WHERE r.tag = 'reserve' AND r.credit > 0
    GROUP BY r.organisation, r.year
)
SELECT w.organisation, w.year, coalesce(e.profit, CAST(0 AS DECIMAL(18, 2))) AS profit,
       coalesce(h.opening_undistributed, CAST(0 AS DECIMAL(18, 2))) AS opening_undistributed,
       coalesce(r.reserved, CAST(0 AS DECIMAL(18, 2))) AS reserved
FROM whole w
LEFT JOIN earned e ON w.organisation = e.organisation AND w.year = e.year
LEFT JOIN held h ON w.organisation = h.organisation AND w.year = h.year
LEFT JOIN reserving r ON w.organisation = r.organisation AND w.year = r.year
