-- version 3
-- One row per entry line on an account through which rent runs (income, deferred income, advances, receivables, and, where
-- the line names a contract, suspense accounts), with the contract it belongs to, or NULL where that cannot be told.
-- Order of evidence: the contract number on the line; the counterparty, if only one of its contracts can be meant on that
-- day; the other side's name or the contract number in the summary of a line without auxiliary data; and, for a line that
-- names nobody else, the one contract that the other lines of its voucher belong to.
-- Deposits, utilities and penalties are not rent: they are left out by their summary.
WITH base AS (
    SELECT
        e.organisation, e.voucher, e.line, e.date, e.tag, e.debit, e.credit, e.summary,
        e.counterparty, e.contract_no AS given_no, norm_name(e.counterparty) AS party
    FROM entry e
    WHERE e.tag IN ('rent_income', 'contract_income', 'operating_income', 'other_income', 'deferred_income',
                    'advance_received', 'receivable', 'other_receivable', 'temp_receipt', 'other_payable')
      AND (e.contract_no IS NOT NULL OR e.counterparty IS NOT NULL
           OR e.tag IN ('rent_income', 'contract_income', 'deferred_income', 'advance_received', 'receivable'))
      AND (e.summary IS NULL OR NOT regexp_like(e.summary, '押金|保证金|水费|电费|水电|物业|违约金|滞纳金|定金'))
      AND COALESCE(e.source, 'manual') <> 'closing'
),
by_party AS (
    SELECT b.organisation, b.voucher, b.line, min(c.contract_no) AS contract_no
    FROM base b
    JOIN rent_contract c ON b.organisation = c.organisation AND b.party = c.party
    WHERE b.given_no IS NULL
      AND b.tag IN ('rent_income', 'contract_income', 'operating_income', 'deferred_income', 'advance_received',
                    'receivable')
      AND (c.party_contracts = 1
           OR b.date BETWEEN c.start_date - 31 AND COALESCE(c.end_date, b.date) + 92)
    GROUP BY b.organisation, b.voucher, b.line
    HAVING count(*) = 1
),
by_summary AS (
    SELECT b.organisation, b.voucher, b.line, min(c.contract_no) AS contract_no
    FROM base b
    JOIN rent_contract c ON b.organisation = c.organisation
    WHERE b.given_no IS NULL AND b.counterparty IS NULL
      -- the number as a word: HT-1 is not named by HT-10
      AND ((strpos(b.summary, c.contract_no) > 0
            AND regexp_like(b.summary, '(^|[^0-9A-Za-z-]|[^0-9A-Za-z]-)' || regexp_replace(c.contract_no, '[^0-9A-Za-z一-龥]', '[^0-9A-Za-z]', 'g')
                                       || '($|[^0-9A-Za-z-]|-[^0-9])'))
           OR (character_length(c.counterparty) > 1 AND strpos(b.summary, c.counterparty) > 0))
    GROUP BY b.organisation, b.voucher, b.line
    HAVING count(*) = 1
),
-- a line has a counterparty or it has none, so that it stands in one of the two at most
guessed AS (
    SELECT organisation, voucher, line, contract_no FROM by_party
    UNION ALL
    SELECT organisation, voucher, line, contract_no FROM by_summary
),
known AS (
    SELECT
        b.organisation, b.voucher, b.line, b.date, b.tag, b.debit, b.credit, b.party,
        COALESCE(c.contract_no, g.contract_no) AS contract_no
    FROM base b
    LEFT JOIN rent_contract c ON b.organisation = c.organisation AND b.given_no = c.contract_no
    LEFT JOIN guessed g ON b.organisation = g.organisation AND b.voucher = g.voucher AND b.line = g.line
    WHERE b.tag NOT IN ('temp_receipt', 'other_payable') OR c.contract_no IS NOT NULL
),
-- the one contract of a voucher with a line that tells none; few vouchers have such a line
lone AS (
    SELECT k.organisation, k.voucher, min(k.contract_no) AS contract_no
    FROM known k
    LEFT SEMI JOIN (SELECT organisation, voucher FROM known WHERE contract_no IS NULL) n
        ON k.organisation = n.organisation AND k.voucher = n.voucher
    GROUP BY k.organisation, k.voucher
    HAVING min(k.contract_no) = max(k.contract_no)
)
SELECT
    k.organisation, k.voucher, k.line, k.date, k.tag, k.debit, k.credit, k.party,
    COALESCE(k.contract_no, CASE WHEN k.party IS NULL OR k.party = c.party THEN l.contract_no END) AS contract_no
FROM known k
LEFT JOIN lone l ON k.organisation = l.organisation AND k.voucher = l.voucher
LEFT JOIN rent_contract c ON l.organisation = c.organisation AND l.contract_no = c.contract_no
