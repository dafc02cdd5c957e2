-- version 1
-- One row per organisation: from which day on its registers of decisions, tenders and disclosures speak (NULL: not handed in).
-- What happened before that day, or in a register that was never handed in, cannot be called missing.
--   filed, noticed   decisions that carry a filing date, a day of public notice
--   told_assets, told_decisions   disclosures of kind asset, decision
SELECT organisation,
    min(decided) AS decisions_from, min(opened) AS tenders_from, min(published) AS disclosures_from,
    sum(filed) AS filed, sum(noticed) AS noticed, sum(told_asset) AS told_assets, sum(told_decision) AS told_decisions
FROM (
    SELECT organisation, meeting_date AS decided, CAST(NULL AS DATE) AS opened, CAST(NULL AS DATE) AS published,
        CASE WHEN filed_on IS NULL THEN 0 ELSE 1 END AS filed, CASE WHEN notice_from IS NULL THEN 0 ELSE 1 END AS noticed,
        0 AS told_asset, 0 AS told_decision
    FROM decision
    UNION ALL
    SELECT organisation, NULL, COALESCE(notice_date, open_date), NULL, 0, 0, 0, 0
    FROM tender
    UNION ALL
    SELECT organisation, NULL, NULL, published_on, 0, 0,
        CASE WHEN kind = 'asset' THEN 1 ELSE 0 END, CASE WHEN kind = 'decision' THEN 1 ELSE 0 END
    FROM disclosure
)
GROUP BY organisation
