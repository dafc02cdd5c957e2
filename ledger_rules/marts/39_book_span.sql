-- version 1
-- One row per organisation: `books_from`, the first day of the first month with entries (of the year, where its opening
-- balances are there), and `books_to`, the last day of the last month. Nothing outside can be judged from the books.
WITH first_opening AS (
    SELECT organisation, min(year) AS year FROM opening_balance GROUP BY organisation
)
SELECT e.organisation,
    CASE WHEN max(f.year) = min(e.year) THEN make_date(CAST(max(f.year) AS INT), 1, 1)
         ELSE CAST(date_trunc('month', min(e.date)) AS DATE) END AS books_from,
    CAST(add_months(CAST(date_trunc('month', max(e.date)) AS DATE), 1) AS DATE) - 1 AS books_to
FROM entry e
LEFT JOIN first_opening f ON e.organisation = f.organisation
GROUP BY e.organisation
