-- version 1
-- One row per invoice number and voucher that books it as cost or as an asset: the number without blanks and hyphens, the net
-- debit, the party and contract named.
SELECT e.organisation, e.voucher, upper(replace(replace(trim(e.invoice_no), ' ', ''), '-', '')) AS no,
       min(e.date) AS date, min(e.counterparty) AS party, max(e.contract_no) AS contract_no,
       sum(e.debit - e.credit) AS amount, first_value(e.summary ORDER BY e.line) AS summary
FROM entry e
WHERE e.invoice_no IS NOT NULL AND trim(e.invoice_no) <> ''
  AND (e.category IN ('损益', '成本')
       OR e.tag IN ('inventory', 'fixed_asset', 'wip', 'intangible'))
  AND coalesce(e.side, 'debit') <> 'credit'
GROUP BY e.organisation, e.voucher, upper(replace(replace(trim(e.invoice_no), ' ', ''), '-', ''))
HAVING sum(e.debit - e.credit) <> 0
