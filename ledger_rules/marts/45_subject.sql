-- version 1
-- One row per thing that can be let or contracted out: an asset or a parcel, with its registered and its surveyed area.
-- area_third: the registered area in thirds of a square metre (1 亩 = 2000/3 m²), so that 亩 and m² compare exactly;
-- survey_third likewise. Assets are measured in m², parcels in 亩; a site check takes the unit of its subject.
WITH checked AS (
    SELECT organisation, subject_no, area, date,
        row_number() OVER (PARTITION BY organisation, subject_no ORDER BY date DESC) AS place
    FROM site_check
    WHERE area > 0
)
SELECT a.organisation, a.asset_no AS subject_no, 'asset' AS subject_kind, a.name AS subject_name, a.category, a.status,
    'm2' AS unit, a.area, a.area * 3 AS area_third, k.area * 3 AS survey_third, k.area AS area_survey, k.date AS surveyed_on
FROM asset a
LEFT JOIN checked k ON a.organisation = k.organisation AND a.asset_no = k.subject_no AND k.place = 1
UNION ALL
SELECT r.organisation, r.parcel_no, 'parcel', r.name, r.kind, r.status,
    'mu', COALESCE(r.area_book, r.area_title), COALESCE(r.area_book, r.area_title) * 2 * 1000,
    COALESCE(k.area, r.area_survey) * 2 * 1000, COALESCE(k.area, r.area_survey), k.date
FROM resource_parcel r
LEFT JOIN checked k ON r.organisation = k.organisation AND r.parcel_no = k.subject_no AND k.place = 1
