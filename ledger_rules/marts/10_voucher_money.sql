-- version 1
-- One row per voucher that moves cash or bank money: how much went in and out of each kind of money account and how much
-- stands on all other accounts. `balanced_inside` marks moves between money accounts only (cash to bank, bank to bank).
-- Base of payment and cash_daily; groups only vouchers with a money line, once.
WITH money AS (
    SELECT DISTINCT organisation, voucher
    FROM entry
    WHERE tag IN ('cash', 'bank', 'other_cash')
)
SELECT
    e.organisation,
    e.voucher,
    min(e.date) AS date,
    max(e.reverses) AS reverses,
    sum(CASE WHEN e.tag = 'cash' THEN e.debit ELSE CAST(0 AS DECIMAL(18, 2)) END) AS cash_in,
    sum(CASE WHEN e.tag = 'cash' THEN e.credit ELSE CAST(0 AS DECIMAL(18, 2)) END) AS cash_out,
    sum(CASE WHEN e.tag IN ('bank', 'other_cash') THEN e.debit ELSE CAST(0 AS DECIMAL(18, 2)) END) AS bank_in,
    sum(CASE WHEN e.tag IN ('bank', 'other_cash') THEN e.credit ELSE CAST(0 AS DECIMAL(18, 2)) END) AS bank_out,
    sum(CASE WHEN e.tag IN ('cash', 'bank', 'other_cash') THEN CAST(0 AS DECIMAL(18, 2)) ELSE e.debit END) AS other_debit,
    sum(CASE WHEN e.tag IN ('cash', 'bank', 'other_cash') THEN CAST(0 AS DECIMAL(18, 2)) ELSE e.credit END) AS other_credit,
    sum(CASE WHEN e.tag IN ('cash', 'bank', 'other_cash') THEN 0 ELSE 1 END) = 0 AS balanced_inside
FROM entry e
LEFT SEMI JOIN money m ON e.organisation = m.organisation AND e.voucher = m.voucher
GROUP BY e.organisation, e.voucher
