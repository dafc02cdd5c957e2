-- version 1
-- One row per expense or cost entry made by hand whose amount nobody had fixed before: no contract, no periodic cost, tax or social
-- insurance by its wording, no lost-work list, no depreciation and closing. What tests of digits are run on.
SELECT e.organisation, e.voucher, e.line, e.date, cast(date_part('year', e.date) AS BIGINT) AS year, e.account, e.account_name, e.debit, e.maker
FROM entry e
LEFT ANTI JOIN (SELECT DISTINCT organisation, voucher FROM labour_day WHERE voucher IS NOT NULL) l
    ON e.organisation = l.organisation AND e.voucher = l.voucher
LEFT ANTI JOIN (SELECT summary, account_name FROM wording_class WHERE list IN ('periodic_cost', 'tax_social')) w
    ON coalesce(e.summary, '') = w.summary AND coalesce(e.account_name, '') = w.account_name
WHERE e.category IN ('损益', '成本') AND e.side = 'debit' AND e.debit > 0 AND e.contract_no IS NULL
  AND coalesce(e.source, 'manual') NOT IN ('system', 'closing')
