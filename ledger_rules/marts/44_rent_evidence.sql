-- version 1
-- One row per proof of a payment that the books do not hold: a receipt issued, a line on the organisation's bank statement,
-- a tenant's confirmation. `contract_no` is the contract it belongs to, or `收据` + number where none can be told; `amount` is
-- what is missing in the books. The three sources may show the same money: never add them up, take the greatest.
-- Looked for before anything is claimed: the voucher named on the receipt, the receipt or bank number on an entry, and the
-- amount (alone, or lumped by day or month) from three days before to fifteen days after, under this party, under none, or
-- under a party that is not a tenant.
WITH tenant AS (
    SELECT organisation, party, min(contract_no) AS contract_no, count(*) AS contracts
    FROM rent_contract
    GROUP BY organisation, party
),
issued AS (
    SELECT
        r.organisation, COALESCE(r.book, '') AS book, r.no, r.date, r.amount, r.voucher, r.payer,
        norm_name(r.payer) AS party,
        COALESCE(r.contract_no, t.contract_no) AS contract_no,
        r.contract_no AS given_no
    FROM receipt r
    JOIN book_span b ON r.organisation = b.organisation
    LEFT JOIN tenant t ON r.organisation = t.organisation AND norm_name(r.payer) = t.party
    WHERE COALESCE(r.void, false) = false AND r.amount > 0 AND r.date BETWEEN b.books_from AND b.books_to
),
wanted_voucher AS (
    SELECT e.organisation, e.voucher,
        sum(CASE WHEN e.tag IN ('cash', 'bank', 'other_cash') THEN e.debit ELSE 0 END) AS money_in,
        sum(e.debit) AS total
    FROM entry e
    LEFT SEMI JOIN issued i ON e.organisation = i.organisation AND e.voucher = i.voucher
    GROUP BY e.organisation, e.voucher
),
by_voucher AS (
    SELECT
        i.organisation, i.book, i.no,
        sum(i.amount) OVER (PARTITION BY i.organisation, i.voucher)
            - CASE WHEN w.money_in > 0 THEN w.money_in ELSE w.total END AS missing,
        row_number() OVER (PARTITION BY i.organisation, i.voucher ORDER BY i.amount DESC, i.book, i.no) AS place
    FROM issued i
    JOIN wanted_voucher w ON i.organisation = w.organisation AND i.voucher = w.voucher
),
by_number AS (
    SELECT e.organisation, e.receipt_no AS no,
        GREATEST(sum(e.debit), sum(e.credit)) AS booked
    FROM entry e
    LEFT SEMI JOIN issued i ON e.organisation = i.organisation AND e.receipt_no = i.no
    GROUP BY e.organisation, e.receipt_no
),
unlinked AS (
    SELECT
        i.*,
        sum(i.amount) OVER (PARTITION BY i.organisation, i.date) AS day_sum,
        sum(i.amount) OVER (PARTITION BY i.organisation, date_trunc('month', i.date)) AS month_sum,
        CAST(add_months(CAST(date_trunc('month', i.date) AS DATE), 1) AS DATE) AS next_month
    FROM issued i
    LEFT ANTI JOIN wanted_voucher w ON i.organisation = w.organisation AND i.voucher = w.voucher
    LEFT ANTI JOIN by_number n ON i.organisation = n.organisation AND i.no = n.no
),
paid_in AS (
    SELECT k.organisation, k.txn_no, k.date, k.credit_in AS amount, k.peer_name, norm_name(k.peer_name) AS party,
        t.contract_no,
        sum(k.credit_in) OVER (PARTITION BY k.organisation, norm_name(k.peer_name), k.date) AS day_sum
    FROM bank_txn k
    JOIN book_span b ON k.organisation = b.organisation
    JOIN tenant t ON k.organisation = t.organisation AND norm_name(k.peer_name) = t.party
    WHERE k.credit_in > 0 AND k.date BETWEEN b.books_from AND b.books_to
),
bank_open AS (
    SELECT p.*
    FROM paid_in p
    LEFT ANTI JOIN entry e ON p.organisation = e.organisation AND p.txn_no = e.bank_txn_no
),
amounts AS (
    SELECT organisation, amount FROM unlinked
    UNION SELECT organisation, CAST(day_sum AS DECIMAL(18, 2)) FROM unlinked
    UNION SELECT organisation, CAST(month_sum AS DECIMAL(18, 2)) FROM unlinked
    UNION SELECT organisation, amount FROM bank_open
    UNION SELECT organisation, CAST(day_sum AS DECIMAL(18, 2)) FROM bank_open
),
money_line AS (
    SELECT e.organisation, e.voucher, e.date, e.debit AS amount, e.receipt_no, e.bank_txn_no,
        norm_name(e.counterparty) AS party, e.contract_no
    FROM entry e
    LEFT SEMI JOIN amounts a ON e.organisation = a.organisation AND e.debit = a.amount
    WHERE e.tag IN ('cash', 'bank', 'other_cash') AND e.debit > 0
),
-- The money line itself often names nobody: then the rent lines of its voucher do.
named_line AS (
    SELECT m.organisation, m.voucher, m.date, m.amount, m.receipt_no, m.bank_txn_no,
        COALESCE(m.contract_no, r.contract_no) AS contract_no,
        COALESCE(m.party, r.party) AS party
    FROM money_line m
    LEFT JOIN (
        SELECT organisation, voucher, min(contract_no) AS contract_no, min(party) AS party
        FROM rent_entry GROUP BY organisation, voucher
    ) r ON m.organisation = r.organisation AND m.voucher = r.voucher
),
booking AS (
    SELECT n.organisation, n.date, n.amount, n.receipt_no, n.bank_txn_no, n.party, n.contract_no,
        t.party IS NOT NULL AS other_tenant
    FROM named_line n
    LEFT JOIN tenant t ON n.organisation = t.organisation AND n.party = t.party
    UNION ALL
    SELECT r.organisation, r.date, r.gross, NULL, NULL, c.party, r.contract_no, true
    FROM rent_received r
    JOIN rent_contract c ON r.organisation = c.organisation AND r.contract_no = c.contract_no
    WHERE r.gross > 0
),
receipt_found AS (
    SELECT DISTINCT u.organisation, u.book, u.no
    FROM unlinked u
    JOIN booking k ON u.organisation = k.organisation AND u.amount = k.amount
    WHERE k.date BETWEEN u.date - 3 AND u.date + 15 AND k.receipt_no IS NULL
      AND (k.party = u.party OR k.contract_no = u.contract_no OR k.other_tenant = false)
    UNION
    SELECT DISTINCT u.organisation, u.book, u.no
    FROM unlinked u
    JOIN booking k ON u.organisation = k.organisation AND u.day_sum = k.amount
    WHERE u.day_sum > u.amount AND k.date BETWEEN u.date - 3 AND u.date + 15 AND k.receipt_no IS NULL
    UNION
    SELECT DISTINCT u.organisation, u.book, u.no
    FROM unlinked u
    JOIN booking k ON u.organisation = k.organisation AND u.month_sum = k.amount
    WHERE u.month_sum > u.amount AND k.date BETWEEN u.date - 3 AND u.next_month + 14 AND k.receipt_no IS NULL
),
-- A receipt booked in part: what came in on its contract in those days, on vouchers that name no other receipt.
part_booked AS (
    SELECT u.organisation, u.book, u.no, sum(r.gross) AS booked
    FROM unlinked u
    JOIN rent_received r ON u.organisation = r.organisation AND u.contract_no = r.contract_no
    LEFT ANTI JOIN wanted_voucher w ON r.organisation = w.organisation AND r.voucher = w.voucher
    LEFT ANTI JOIN (SELECT DISTINCT organisation, voucher FROM entry WHERE receipt_no IS NOT NULL) n
        ON r.organisation = n.organisation AND r.voucher = n.voucher
    WHERE r.gross > 0 AND r.gross < u.amount AND r.date BETWEEN u.date - 3 AND u.date + 15
    GROUP BY u.organisation, u.book, u.no
),
bank_found AS (
    SELECT DISTINCT o.organisation, o.txn_no
    FROM bank_open o
    JOIN booking k ON o.organisation = k.organisation AND (o.amount = k.amount OR o.day_sum = k.amount)
    WHERE k.date BETWEEN o.date - 3 AND o.date + 15 AND k.bank_txn_no IS NULL
      AND (k.party = o.party OR k.other_tenant = false)
),
confirmed AS (
    SELECT f.organisation, COALESCE(f.contract_no, t.contract_no) AS contract_no, f.date, f.paid_until, f.paid,
        row_number() OVER (PARTITION BY f.organisation, COALESCE(f.contract_no, t.contract_no)
                           ORDER BY f.date DESC, f.paid_until DESC) AS place
    FROM confirmation f
    LEFT JOIN tenant t
        ON f.organisation = t.organisation AND norm_name(f.counterparty) = t.party AND t.contracts = 1
),
confirmed_missing AS (
    SELECT f.organisation, f.contract_no, f.date,
        CASE WHEN max(f.paid_until) IS NOT NULL
             THEN sum(CASE WHEN COALESCE(l.period_end, l.due_date) <= f.paid_until THEN l.unpaid ELSE 0 END)
             WHEN max(c.start_date) >= max(l.books_from) AND f.date <= max(l.books_to)
             THEN max(f.paid) - max(l.received)
        END AS missing
    FROM confirmed f
    JOIN rent_contract c ON f.organisation = c.organisation AND f.contract_no = c.contract_no
    JOIN rent_ledger l ON f.organisation = l.organisation AND f.contract_no = l.contract_no
    WHERE f.place = 1
    GROUP BY f.organisation, f.contract_no, f.date
)
SELECT organisation, contract_no, source, ref, payer, date, CAST(amount AS DECIMAL(18, 2)) AS amount
FROM (
    SELECT i.organisation, COALESCE(i.contract_no, concat('收据', i.no)) AS contract_no, 'receipt' AS source,
        concat('收据', i.no) AS ref, i.payer, i.date, v.missing AS amount
    FROM issued i
    JOIN by_voucher v ON i.organisation = v.organisation AND i.book = v.book AND i.no = v.no
    WHERE v.place = 1 AND v.missing > 0
    UNION ALL
    SELECT i.organisation, COALESCE(i.contract_no, concat('收据', i.no)), 'receipt', concat('收据', i.no), i.payer,
        i.date, i.amount - n.booked
    FROM issued i
    JOIN by_number n ON i.organisation = n.organisation AND i.no = n.no
    LEFT ANTI JOIN wanted_voucher w ON i.organisation = w.organisation AND i.voucher = w.voucher
    WHERE i.amount > n.booked
    UNION ALL
    SELECT u.organisation, COALESCE(u.contract_no, concat('收据', u.no)), 'receipt', concat('收据', u.no), u.payer,
        u.date, u.amount - COALESCE(b.booked, 0)
    FROM unlinked u
    LEFT ANTI JOIN receipt_found f ON u.organisation = f.organisation AND u.book = f.book AND u.no = f.no
    LEFT JOIN part_booked b ON u.organisation = b.organisation AND u.book = b.book AND u.no = b.no
    WHERE u.amount > COALESCE(b.booked, 0)
    UNION ALL
    SELECT o.organisation, o.contract_no, 'bank', concat('银行流水', o.txn_no), o.peer_name, o.date, o.amount
    FROM bank_open o
    LEFT ANTI JOIN bank_found f ON o.organisation = f.organisation AND o.txn_no = f.txn_no
    UNION ALL
    SELECT m.organisation, m.contract_no, 'confirmation', '承租方询证回函', NULL, m.date, m.missing
    FROM confirmed_missing m
    WHERE m.missing > 0
)
