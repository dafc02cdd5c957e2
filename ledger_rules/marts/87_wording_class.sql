-- version 1
-- One row per wording of entries (summary and account name, '' for none) and list of key words that it matches, of the lists that say
-- why entries are as they are: fixed by nature, urgent, estimated, adjusted after an audit. Key words are matched against
-- distinct wordings, not against entries.
WITH wording AS (
    SELECT DISTINCT coalesce(summary, '') AS summary, coalesce(account_name, '') AS account_name
    FROM entry
)
SELECT DISTINCT w.summary, w.account_name, k.list
FROM wording w
JOIN keyword k ON strpos(concat(w.summary, '|', w.account_name), k.word) > 0
WHERE k.list IN ('periodic_cost', 'tax_social', 'emergency', 'audit_adjustment', 'accrual_estimate')
