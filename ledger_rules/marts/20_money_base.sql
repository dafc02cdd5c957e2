-- version 1
-- One row per organisation and year that has entries: the latest year not after it for which opening balances were handed in.
-- Money balances of that year stand on that opening; a year without any such opening has no row (its balances are unknown).
WITH opened AS (SELECT DISTINCT organisation, year FROM opening_balance),
active AS (SELECT DISTINCT e.organisation, cast(date_part('year', e.date) AS BIGINT) AS year FROM entry e)
SELECT a.organisation, a.year, max(o.year) AS base_year
FROM active a
JOIN opened o ON a.organisation = o.organisation AND o.year <= a.year
GROUP BY a.organisation, a.year
