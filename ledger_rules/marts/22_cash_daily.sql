-- version 1
-- One row per organisation and day with cash movement, all cash accounts together. `withdrawn` came from the bank and
-- `deposited` went to it in the same voucher; `received` and `paid` are the rest. `opening` and `balance` frame the day.
WITH split AS (
    SELECT v.organisation, v.voucher, v.date, b.base_year, v.cash_in, v.cash_out,
           CASE
               WHEN v.cash_in < 0 AND v.bank_out < 0 THEN greatest(v.cash_in, v.bank_out)
               ELSE greatest(least(v.cash_in, v.bank_out), CAST(0 AS DECIMAL(18, 2)))
           END AS withdrawn,
           CASE
               WHEN v.cash_out < 0 AND v.bank_in < 0 THEN greatest(v.cash_out, v.bank_in)
               ELSE greatest(least(v.cash_out, v.bank_in), CAST(0 AS DECIMAL(18, 2)))
           END AS deposited,
           -- cash box to cash box: neither received nor paid
           CASE WHEN v.balanced_inside THEN greatest(least(v.cash_in, v.cash_out), CAST(0 AS DECIMAL(18, 2))) ELSE CAST(0 AS DECIMAL(18, 2)) END AS inside
    FROM voucher_money v
    JOIN money_base b ON v.organisation = b.organisation AND cast(date_part('year', v.date) AS BIGINT) = b.year
    WHERE v.cash_in <> 0 OR v.cash_out <> 0
),
daily AS (
    SELECT organisation, base_year, date,
           sum(cash_in - withdrawn - inside) AS received,
           sum(withdrawn) AS withdrawn,
           sum(deposited) AS deposited,
           sum(cash_out - deposited - inside) AS paid,
           sum(cash_in - cash_out) AS net,
           array_agg(DISTINCT voucher ORDER BY voucher) AS vouchers
    FROM split
    GROUP BY organisation, base_year, date
),
opening AS (
    SELECT organisation, year AS base_year, sum(debit) - sum(credit) AS opening
    FROM opening_balance
    WHERE tag = 'cash'
    GROUP BY organisation, year
),
running AS (
    SELECT d.*, coalesce(o.opening, CAST(0 AS DECIMAL(18, 2))) + sum(d.net) OVER (
               PARTITION BY d.organisation, d.base_year ORDER BY d.date
               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
           ) AS balance
    FROM daily d
    LEFT JOIN opening o ON d.organisation = o.organisation AND d.base_year = o.base_year
)
SELECT organisation, date, balance - net AS opening, received, withdrawn, deposited, paid, balance, vouchers
FROM running
