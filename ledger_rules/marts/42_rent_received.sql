-- version 1
-- One row per voucher and contract: what the voucher settled of the contract's rent.
--   net        rent settled without tax: credits less debits on rent accounts. An accrual (receivable against income) is
--              nought, save that its tax share counts against the later collection.
--   gross      the same with the tax share; nought for an accrual.
--   income     what was recognised as income or as an advance; tax: the tax share that goes with it.
-- A voucher settles when something stands opposite other than rent accounts, tax or a write-off loss: money, a deposit set
-- off, a repair borne by the tenant. Transfers of income to profit at the close are left out.
WITH per_voucher AS (
    SELECT
        e.organisation, e.voucher,
        max(CASE WHEN e.tag IN ('current_profit', 'distribution', 'closing') THEN 1 ELSE 0 END) AS closes,
        max(CASE WHEN e.tag IN ('rent_income', 'contract_income', 'operating_income', 'other_income', 'deferred_income',
                                'advance_received', 'receivable', 'other_receivable', 'tax_payable', 'other_expense')
                 THEN 0 ELSE 1 END) AS settles,
        sum(CASE WHEN e.tag = 'tax_payable' THEN e.credit - e.debit ELSE 0 END) AS tax,
        sum(CASE WHEN e.tag IN ('rent_income', 'contract_income', 'operating_income', 'other_income', 'deferred_income',
                                'advance_received') THEN e.credit - e.debit ELSE 0 END) AS income
    FROM entry e
    LEFT SEMI JOIN rent_entry r ON e.organisation = r.organisation AND e.voucher = r.voucher
    GROUP BY e.organisation, e.voucher
),
per_contract AS (
    SELECT
        r.organisation, r.voucher, r.contract_no, min(r.date) AS date,
        sum(r.credit - r.debit) AS net,
        sum(CASE WHEN r.tag IN ('receivable', 'other_receivable') THEN 0 ELSE r.credit - r.debit END) AS income
    FROM rent_entry r
    WHERE r.contract_no IS NOT NULL
    GROUP BY r.organisation, r.voucher, r.contract_no
),
shared AS (
    SELECT
        c.organisation, c.contract_no, c.voucher, c.date, c.net, c.income, v.settles,
        CASE WHEN v.tax = 0 OR v.income = 0 OR c.income = 0 THEN CAST(0 AS DECIMAL(18, 2))
             WHEN c.income = v.income THEN CAST(v.tax AS DECIMAL(18, 2))
             ELSE CAST(round(CAST(v.tax AS DECIMAL(18, 2)) * CAST(c.income AS DECIMAL(18, 2))
                             / NULLIF(CAST(v.income AS DECIMAL(18, 2)), 0), 2) AS DECIMAL(18, 2))
        END AS tax
    FROM per_contract c
    JOIN per_voucher v ON c.organisation = v.organisation AND c.voucher = v.voucher
    WHERE v.closes = 0
)
SELECT
    organisation, contract_no, voucher, date,
    CAST(CASE WHEN settles = 1 THEN net WHEN income <> 0 THEN -tax ELSE 0 END AS DECIMAL(18, 2)) AS net,
    CAST(CASE WHEN settles = 1 THEN net + tax ELSE 0 END AS DECIMAL(18, 2)) AS gross,
    CAST(income AS DECIMAL(18, 2)) AS income,
    tax
FROM shared
