-- version 1
-- One row per voucher that takes a receivable away without money: the part of the credit that stands against a loss, the debtor,
-- and what it was booked against. A loss is equity or reserve, an expense or income whose words say so (list `write_off`), or
-- another party's payable that no words of agreement explain. Petty cash, red ink and closing are left out.
WITH credited AS (
    SELECT organisation, voucher, min(date) AS date, sum(credit) AS amount, min(counterparty) AS party, max(counterparty) AS party_max,
           max(contract_no) AS contract_no
    FROM entry
    WHERE tag IN ('receivable', 'other_receivable', 'prepaid', 'internal_current') AND credit > 0 AND reverses IS NULL
      AND coalesce(source, '') <> 'closing'
    GROUP BY organisation, voucher
),
no_money AS (
    SELECT c.* FROM credited c
    LEFT ANTI JOIN (SELECT organisation, voucher FROM voucher_money) m ON c.organisation = m.organisation AND c.voucher = m.voucher
),
debited AS (
    SELECT e.organisation, e.voucher, e.line, e.debit, e.tag, e.category, e.counterparty, e.summary, e.account_name
    FROM entry e
    LEFT SEMI JOIN no_money n ON e.organisation = n.organisation AND e.voucher = n.voucher
    WHERE e.debit > 0
),
write_off AS (
    SELECT DISTINCT d.organisation, d.voucher, d.line
    FROM debited d
    JOIN keyword k ON k.list = 'write_off' AND strpos(concat(coalesce(d.summary, ''), '|', coalesce(d.account_name, '')), k.word) > 0
),
agreement AS (
    SELECT DISTINCT d.organisation, d.voucher, d.line
    FROM debited d
    JOIN keyword k ON k.list = 'offset_agreement' AND strpos(coalesce(d.summary, ''), k.word) > 0
),
worded AS (
    SELECT d.*, o.line IS NOT NULL AS write_off, a.line IS NOT NULL AS by_agreement
    FROM debited d
    LEFT JOIN write_off o ON d.organisation = o.organisation AND d.voucher = o.voucher AND d.line = o.line
    LEFT JOIN agreement a ON d.organisation = a.organisation AND d.voucher = a.voucher AND d.line = a.line
),
-- what the claim was booked against
lost AS (
    SELECT w.organisation, w.voucher, sum(w.debit) AS debit, first_value(w.summary ORDER BY w.debit DESC, w.account_name) AS summary,
           first_value(w.account_name ORDER BY w.debit DESC, w.account_name) AS against
    FROM worded w
    JOIN no_money n ON w.organisation = n.organisation AND w.voucher = n.voucher
    WHERE w.tag IN ('reserve', 'capital', 'distribution')
       OR (w.write_off AND w.category IN ('损益', '成本'))
       OR (w.tag IN ('payable', 'other_payable', 'advance_received', 'temp_receipt') AND NOT w.by_agreement
           AND NOT (n.party = n.party_max AND coalesce(w.counterparty, n.party) = n.party))
    GROUP BY w.organisation, w.voucher
)
SELECT n.organisation, n.voucher, n.date, least(n.amount, l.debit) AS amount, n.party, n.contract_no, l.summary, l.against
FROM no_money n
JOIN lost l ON n.organisation = l.organisation AND n.voucher = l.voucher
