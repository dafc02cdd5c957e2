-- version 1
-- One row per voucher with money going out, red-ink ones (negative amount) included, with what the voucher says of it. Base of
-- payment, a mart of its own so that it is computed once. `amount` is the part of the money credits that stands against
-- other accounts. `parties`: 0 none named, 1 one, 2 several. Text columns describe the largest other debit.
WITH leaving AS (
    SELECT organisation, voucher, date, reverses, cash_out, bank_out,
           least(cash_out + bank_out, other_debit) AS amount
    FROM voucher_money
    WHERE NOT balanced_inside AND cash_out + bank_out <> 0
),
described AS (
    SELECT
        e.organisation,
        e.voucher,
        min(CASE WHEN e.tag IN ('cash', 'bank', 'other_cash') AND e.credit <> 0 THEN e.counterparty END) AS money_party,
        max(CASE WHEN e.tag IN ('cash', 'bank', 'other_cash') AND e.credit <> 0 THEN e.counterparty END) AS money_party_max,
        min(CASE WHEN e.tag IN ('cash', 'bank', 'other_cash') THEN NULL ELSE e.counterparty END) AS other_party,
        max(CASE WHEN e.tag IN ('cash', 'bank', 'other_cash') THEN NULL ELSE e.counterparty END) AS other_party_max,
        max(e.contract_no) AS contract_no,
        max(e.project) AS project,
        max(e.fund) AS fund,
        max(e.invoice_no) AS invoice_no,
        max(e.bank_txn_no) AS bank_txn_no,
        first_value(e.line ORDER BY CASE WHEN e.tag IN ('cash', 'bank', 'other_cash') THEN CAST(0 AS DECIMAL(18, 2))
                                         ELSE abs(e.debit) END DESC, e.line) AS main_line,
        max(e.maker) AS maker,
        max(e.checker) AS checker,
        max(e.source) AS source
    FROM entry e
    LEFT SEMI JOIN leaving o ON e.organisation = o.organisation AND e.voucher = o.voucher
    GROUP BY e.organisation, e.voucher
)
SELECT
    o.organisation, o.voucher, o.date, cast(date_part('year', o.date) AS BIGINT) AS year,
    cast(date_part('month', o.date) AS BIGINT) AS month, o.reverses,
    CASE WHEN o.cash_out + o.bank_out < 0 THEN o.cash_out + o.bank_out ELSE o.amount END AS amount,
    o.cash_out, o.bank_out,
    CASE
        WHEN d.money_party IS NOT NULL AND d.money_party = d.money_party_max THEN d.money_party
        WHEN d.money_party IS NULL AND d.other_party = d.other_party_max THEN d.other_party
    END AS counterparty,
    CASE
        WHEN coalesce(d.money_party, d.other_party) IS NULL THEN 0
        WHEN d.money_party IS NOT NULL AND d.money_party = d.money_party_max THEN 1
        WHEN d.money_party IS NULL AND d.other_party = d.other_party_max THEN 1
        ELSE 2
    END AS parties,
    d.contract_no, d.project, d.fund, d.invoice_no, d.bank_txn_no,
    x.summary, x.account, x.account_name, x.tag, x.category,
    d.maker, d.checker, d.source
FROM leaving o
JOIN described d ON o.organisation = d.organisation AND o.voucher = d.voucher
JOIN entry x ON d.organisation = x.organisation AND d.voucher = x.voucher AND d.main_line = x.line
