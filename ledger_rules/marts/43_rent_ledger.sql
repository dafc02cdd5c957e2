-- version 1
-- One row per instalment that the books can answer for: due on a day from the first month of the organisation's books to
-- the last. What was settled (rent_received) is laid on the instalments in order of their due dates.
--   seq 0      what the tenant owed when the books began (opening receivable of a party with one contract)
--   due        contract amount; waived: reduction registered; waived_undecided: the part without a decision
--   paid       settled of (due − waived) by the end of the books; unpaid: the rest
--   received, receipts, first_receipt, last_receipt: of the whole contract; `registered`: the tenant's receivable balance in
--   the books; `unallocated`: money from the tenant that cannot be told between its contracts
--   books_from, books_to: first day of the first month with entries (of the year, where its opening balances are there) and
--   last day of the last month. Nothing outside is judged.
-- Contract amounts may be meant with or without tax: with vouchers that carry tax, the reading that meets the instalment
-- amounts more often is taken; at a tie the amount with tax.
-- Contracts under which the organisation itself pays (costs booked to the contract, no rent) are left out, and so are
-- instalments of the first month where advances brought forward without names could cover them.
WITH first_opening AS (
    SELECT organisation, min(year) AS year FROM opening_balance GROUP BY organisation
),
opening AS (
    SELECT
        o.organisation, norm_name(o.counterparty) AS party,
        sum(CASE WHEN o.tag IN ('receivable', 'other_receivable') THEN o.debit - o.credit ELSE 0 END) AS owed,
        sum(CASE WHEN o.tag IN ('advance_received', 'deferred_income') THEN o.credit - o.debit ELSE 0 END) AS advanced
    FROM opening_balance o
    JOIN first_opening f ON o.organisation = f.organisation AND o.year = f.year
    WHERE o.tag IN ('receivable', 'other_receivable', 'advance_received', 'deferred_income')
    GROUP BY o.organisation, norm_name(o.counterparty)
),
lease_in AS (
    SELECT e.organisation, e.contract_no
    FROM entry e
    LEFT SEMI JOIN rent_contract c ON e.organisation = c.organisation AND e.contract_no = c.contract_no
    GROUP BY e.organisation, e.contract_no
    HAVING sum(CASE WHEN e.category = '损益' AND e.side = 'debit' THEN e.debit - e.credit ELSE 0 END) > 0
       AND sum(CASE WHEN e.tag IN ('rent_income', 'contract_income', 'operating_income', 'other_income',
                                   'deferred_income', 'advance_received', 'receivable') THEN 1 ELSE 0 END) = 0
),
leases AS (
    SELECT c.*, b.books_from, b.books_to, COALESCE(o.owed, 0) AS owed, COALESCE(o.advanced, 0) AS advanced,
        COALESCE(n.advanced, 0) AS nameless
    FROM rent_contract c
    JOIN book_span b ON c.organisation = b.organisation
    LEFT ANTI JOIN lease_in l ON c.organisation = l.organisation AND c.contract_no = l.contract_no
    LEFT JOIN opening o ON c.organisation = o.organisation AND c.party = o.party
    LEFT JOIN opening n ON c.organisation = n.organisation AND n.party IS NULL
),
instalment AS (
    SELECT
        d.organisation, d.contract_no, d.seq, d.due_date, d.period_end, d.due, COALESCE(d.waived, 0) AS waived,
        CASE WHEN s.waiver_decision IS NULL THEN COALESCE(d.waived, 0) ELSE 0 END AS waived_undecided
    FROM rent_due d
    JOIN leases l ON d.organisation = l.organisation AND d.contract_no = l.contract_no
    LEFT JOIN payment_schedule s
        ON d.organisation = s.organisation AND d.contract_no = s.contract_no AND d.seq = s.seq
    WHERE d.due_date BETWEEN l.books_from AND l.books_to
      AND (l.status IS NULL OR l.status <> 'terminated' OR l.end_date IS NULL OR d.due_date <= l.end_date)
      AND NOT (d.due_date < l.books_from + 31 AND l.nameless > 0 AND l.nameless >= d.due)
    UNION ALL
    SELECT
        l.organisation, l.contract_no, 0 AS seq, l.books_from - 1 AS due_date, l.books_from - 1 AS period_end,
        CAST(l.owed AS DECIMAL(18, 2)) AS due, CAST(0 AS DECIMAL(18, 2)) AS waived,
        CAST(0 AS DECIMAL(18, 2)) AS waived_undecided
    FROM leases l
    WHERE l.owed > 0 AND l.party_contracts = 1
),
votes AS (
    SELECT r.organisation, r.contract_no,
        sum(CASE WHEN r.income = d.due THEN 1 ELSE 0 END) AS without_tax,
        sum(CASE WHEN r.income + r.tax = d.due THEN 1 ELSE 0 END) AS with_tax
    FROM rent_received r
    JOIN (SELECT DISTINCT organisation, contract_no, due FROM rent_due) d
        ON r.organisation = d.organisation AND r.contract_no = d.contract_no
    WHERE r.tax <> 0
    GROUP BY r.organisation, r.contract_no
),
settled AS (
    SELECT r.organisation, r.contract_no,
        sum(CASE WHEN COALESCE(v.without_tax, 0) > COALESCE(v.with_tax, 0) THEN r.net ELSE r.gross END) AS received,
        sum(CASE WHEN r.gross > 0 THEN 1 ELSE 0 END) AS receipts,
        min(CASE WHEN r.gross > 0 THEN r.date END) AS first_receipt,
        max(CASE WHEN r.gross > 0 THEN r.date END) AS last_receipt
    FROM rent_received r
    LEFT JOIN votes v ON r.organisation = v.organisation AND r.contract_no = v.contract_no
    GROUP BY r.organisation, r.contract_no
),
owed_by_contract AS (
    SELECT organisation, contract_no, sum(debit - credit) AS balance
    FROM rent_entry
    WHERE tag IN ('receivable', 'other_receivable') AND contract_no IS NOT NULL
    GROUP BY organisation, contract_no
),
unallocated AS (
    SELECT r.organisation, r.party, sum(r.credit - r.debit) AS amount
    FROM rent_entry r
    WHERE r.contract_no IS NULL AND r.party IS NOT NULL
      AND r.tag IN ('rent_income', 'contract_income', 'operating_income', 'deferred_income', 'advance_received',
                    'receivable')
    GROUP BY r.organisation, r.party
),
running AS (
    SELECT i.*,
        sum(i.due - i.waived) OVER (PARTITION BY i.organisation, i.contract_no ORDER BY i.due_date, i.seq
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS due_so_far
    FROM instalment i
),
laid AS (
    SELECT
        r.*, l.counterparty, l.party, l.annual_rent, l.books_from, l.books_to,
        GREATEST(COALESCE(s.received, 0)
                 + CASE WHEN l.party_contracts = 1 AND l.advanced > 0 THEN l.advanced ELSE 0 END, 0) AS received,
        COALESCE(s.receipts, 0) AS receipts, s.first_receipt, s.last_receipt,
        GREATEST(COALESCE(o.balance, 0) + CASE WHEN l.party_contracts = 1 THEN l.owed ELSE 0 END, 0) AS registered,
        GREATEST(COALESCE(u.amount, 0), 0) AS unallocated
    FROM running r
    JOIN leases l ON r.organisation = l.organisation AND r.contract_no = l.contract_no
    LEFT JOIN settled s ON r.organisation = s.organisation AND r.contract_no = s.contract_no
    LEFT JOIN owed_by_contract o ON r.organisation = o.organisation AND r.contract_no = o.contract_no
    LEFT JOIN unallocated u ON l.organisation = u.organisation AND l.party = u.party
),
paid AS (
    SELECT *,
        GREATEST(LEAST(due - waived, received - due_so_far + due - waived), 0) AS settled
    FROM laid
)
SELECT
    organisation, contract_no, seq, due_date, period_end, counterparty, party, annual_rent,
    CAST(due AS DECIMAL(18, 2)) AS due,
    CAST(waived AS DECIMAL(18, 2)) AS waived,
    CAST(waived_undecided AS DECIMAL(18, 2)) AS waived_undecided,
    CAST(settled AS DECIMAL(18, 2)) AS paid,
    CAST(due - waived - settled AS DECIMAL(18, 2)) AS unpaid,
    CAST(received AS DECIMAL(18, 2)) AS received,
    receipts, first_receipt, last_receipt,
    CAST(registered AS DECIMAL(18, 2)) AS registered,
    CAST(unallocated AS DECIMAL(18, 2)) AS unallocated,
    books_from, books_to
FROM paid
