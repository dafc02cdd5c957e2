-- One row per voucher by which money leaves the organisation. Moves between cash and bank are not payments; a payment that a
-- later red-ink voucher takes back (by 红冲凭证, or the latest earlier payment of the same amount to the same party) is
-- not one either. `amount` is the part of the money credits that stands against other accounts, `cash_amount` the part of
-- it that left the cash box. `parties`: 0 none named, 1 one, 2 several. Text columns describe the largest other debit.
-- `is_batch`: wages, labour pay, taxes and social insurance, distribution — lists by nature, not single purchases.
WITH outgoing AS (
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
        first_value(named_struct('summary', e.summary, 'account', e.account, 'account_name', e.account_name,
                                 'tag', e.tag, 'category', e.category)
                    ORDER BY CASE WHEN e.tag IN ('cash', 'bank', 'other_cash') THEN CAST(0 AS DECIMAL(18, 2))
                                  ELSE abs(e.debit) END DESC, e.line) AS main,
        max(e.maker) AS maker,
        max(e.checker) AS checker,
        max(e.source) AS source
    FROM entry e
    LEFT SEMI JOIN outgoing o ON e.organisation = o.organisation AND e.voucher = o.voucher
    GROUP BY e.organisation, e.voucher
),
joined AS (
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
        d.main['summary'] AS summary, d.main['account'] AS account, d.main['account_name'] AS account_name,
        d.main['tag'] AS tag, d.main['category'] AS category,
        d.maker, d.checker, d.source
    FROM outgoing o
    JOIN described d ON o.organisation = d.organisation AND o.voucher = d.voucher
),
-- Red-ink vouchers without a reference cancel the latest payment before them with the same party, account and amount.
paired AS (
    SELECT organisation, amount, reverses,
           last_value(CASE WHEN amount > 0 THEN voucher END) IGNORE NULLS OVER (
               PARTITION BY organisation, counterparty, account, abs(amount)
               ORDER BY date, voucher
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ) AS earlier
    FROM joined
),
taken_back AS (
    SELECT organisation, earlier AS voucher
    FROM paired
    WHERE amount < 0 AND reverses IS NULL AND earlier IS NOT NULL
    UNION
    SELECT r.organisation, r.reverses AS voucher
    FROM voucher r
    JOIN voucher o ON r.organisation = o.organisation AND r.reverses = o.voucher
    WHERE r.reverses IS NOT NULL AND abs(r.total) >= o.total
)
SELECT
    j.organisation, j.voucher, j.date, j.year, j.month, j.amount,
    CASE WHEN j.bank_out <= 0 THEN 'cash' WHEN j.cash_out <= 0 THEN 'bank' ELSE 'mixed' END AS method,
    least(j.amount, greatest(j.cash_out, CAST(0 AS DECIMAL(18, 2)))) AS cash_amount,
    j.counterparty, j.parties, j.contract_no, j.project, j.fund, j.invoice_no, j.bank_txn_no,
    j.summary, j.account, j.account_name, j.tag, j.category, j.maker, j.checker, j.source,
    coalesce(j.tag IN ('wages_payable', 'labour_payable', 'tax_payable', 'tax_expense', 'distribution'), false) AS is_batch
FROM joined j
LEFT ANTI JOIN taken_back t ON j.organisation = t.organisation AND j.voucher = t.voucher
WHERE j.amount > 0
