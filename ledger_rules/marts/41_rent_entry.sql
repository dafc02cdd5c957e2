-- version 2
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
direct AS (
    SELECT b.organisation, b.voucher, b.line, c.contract_no
    FROM base b
    JOIN rent_contract c ON b.organisation = c.organisation AND b.given_no = c.contract_no
),
by_party AS (
    SELECT b.organisation, b.voucher, b.line, min(c.contract_no) AS contract_no, 1 AS certain
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
known AS (
    SELECT
        b.organisation, b.voucher, b.line, b.date, b.tag, b.debit, b.credit, b.party,
        COALESCE(d.contract_no, p.contract_no, s.contract_no) AS contract_no
    FROM base b
    LEFT JOIN direct d ON b.organisation = d.organisation AND b.voucher = d.voucher AND b.line = d.line
    LEFT JOIN by_party p ON b.organisation = p.organisation AND b.voucher = p.voucher AND b.line = p.line
    LEFT JOIN by_summary s ON b.organisation = s.organisation AND b.voucher = s.voucher AND b.line = s.line
    WHERE b.tag NOT IN ('temp_receipt', 'other_payable') OR d.contract_no IS NOT NULL
),
spread AS (
    SELECT
        k.*,
        min(k.contract_no) OVER (PARTITION BY k.organisation, k.voucher) AS first_no,
        max(k.contract_no) OVER (PARTITION BY k.organisation, k.voucher) AS last_no
    FROM known k
)
SELECT
    s.organisation, s.voucher, s.line, s.date, s.tag, s.debit, s.credit, s.party,
    COALESCE(s.contract_no,
             CASE WHEN s.first_no = s.last_no AND (s.party IS NULL OR s.party = c.party) THEN s.first_no END)
        AS contract_no
FROM spread s
LEFT JOIN rent_contract c ON s.organisation = c.organisation AND s.first_no = c.contract_no
