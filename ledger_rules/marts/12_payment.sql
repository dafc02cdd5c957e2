-- version 1
-- One row per voucher by which money leaves the organisation. Moves between cash and bank are not payments; a payment that a
-- later red-ink voucher takes back (by 红冲凭证, or the latest earlier payment of the same amount to the same party) is
-- not one either. `amount` is the part of the money credits that stands against other accounts, `cash_amount` the part of
-- it that left the cash box. `parties`: 0 none named, 1 one, 2 several. Text columns describe the largest other debit.
-- `is_batch`: wages, labour pay, taxes and social insurance, distribution — lists by nature, not single purchases.
-- `is_purchase`: neither such a list nor money that comes back or only passes through (deposits, loans, investments, advances,
-- compensation, benefits, own organisations): what goods, works and services cost.
WITH red AS (
    SELECT organisation, voucher, date, counterparty, account, amount
    FROM outgoing
    WHERE amount < 0 AND reverses IS NULL
),
taken_back AS (
    SELECT o.organisation, max(o.voucher) AS voucher
    FROM red r
    JOIN outgoing o
        ON r.organisation = o.organisation AND r.account = o.account AND 0 - r.amount = o.amount
    WHERE coalesce(r.counterparty, '') = coalesce(o.counterparty, '')
      AND (o.date < r.date OR (o.date = r.date AND o.voucher < r.voucher))
    GROUP BY o.organisation, r.voucher
    UNION
    SELECT r.organisation, r.reverses AS voucher
    FROM voucher r
    JOIN voucher o ON r.organisation = o.organisation AND r.reverses = o.voucher
    WHERE r.reverses IS NOT NULL AND abs(r.total) >= o.total
),
kept AS (
    SELECT
        j.organisation, j.voucher, j.date, j.year, j.month, j.amount,
        CASE WHEN j.bank_out <= 0 THEN 'cash' WHEN j.cash_out <= 0 THEN 'bank' ELSE 'mixed' END AS method,
        least(j.amount, greatest(j.cash_out, CAST(0 AS DECIMAL(18, 2)))) AS cash_amount,
        j.counterparty, j.parties, j.contract_no, j.project, j.fund, j.invoice_no, j.bank_txn_no,
        j.summary, j.account, j.account_name, j.tag, j.category, j.maker, j.checker, j.source,
        coalesce(j.tag IN ('wages_payable', 'labour_payable', 'tax_payable', 'tax_expense', 'distribution'), false) AS is_batch
    FROM outgoing j
    LEFT ANTI JOIN taken_back t ON j.organisation = t.organisation AND j.voucher = t.voucher
    WHERE j.amount > 0
)
SELECT k.*,
    NOT k.is_batch AND coalesce(k.tag NOT IN ('deposit_payable', 'short_loan', 'long_loan', 'internal_current', 'comp_in',
                                              'special_payable', 'welfare_expense', 'short_investment', 'long_investment',
                                              'petty_cash'), true) AS is_purchase
FROM kept k
