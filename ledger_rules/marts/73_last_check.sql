-- version 1
-- One row per thing inspected on site: the latest inspection, and since when its user was met there without a break.
--   user_norm   the user's normalised name; user_since: first of the inspections in a row that met this user
WITH seen AS (
    SELECT organisation, subject_no, date, actual_user, actual_use, photo_hash, checker, norm_name(actual_user) AS user_norm,
        row_number() OVER (PARTITION BY organisation, subject_no ORDER BY date DESC) AS place
    FROM site_check
),
last AS (SELECT * FROM seen WHERE place = 1),
other AS (
    SELECT s.organisation, s.subject_no, max(s.date) AS date
    FROM seen s
    JOIN last l ON s.organisation = l.organisation AND s.subject_no = l.subject_no
    WHERE COALESCE(s.user_norm, '') <> COALESCE(l.user_norm, '')
    GROUP BY s.organisation, s.subject_no
)
SELECT l.organisation, l.subject_no, l.date, l.actual_user, l.actual_use, l.photo_hash, l.checker, l.user_norm,
    min(s.date) AS user_since
FROM last l
JOIN seen s ON l.organisation = s.organisation AND l.subject_no = s.subject_no
LEFT JOIN other o ON l.organisation = o.organisation AND l.subject_no = o.subject_no
WHERE o.date IS NULL OR s.date > o.date
GROUP BY l.organisation, l.subject_no, l.date, l.actual_user, l.actual_use, l.photo_hash, l.checker, l.user_norm
