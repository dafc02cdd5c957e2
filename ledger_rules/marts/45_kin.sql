-- version 1
-- One row per person and relative, as registered or as it follows from two or three registered steps: collateral relatives within
-- three generations and near in-laws (the span of 近亲属 in the catalogue's G-004).
--   relation  spouse, parent, child, sibling, grandparent (either direction), collateral (aunt, uncle, nephew, niece, cousin),
--             in_law, other
-- What is registered goes before what is inferred. Nothing is inferred from 祖孙, 姻亲 and 其他, whose direction is not known.
WITH registered AS (
    SELECT person, relative, relation FROM kinship
    UNION
    SELECT relative, person, CASE relation WHEN 'parent' THEN 'child' WHEN 'child' THEN 'parent' ELSE relation END FROM kinship
),
step AS (
    SELECT first, second, relation
    FROM (VALUES
        ('parent', 'parent', 'grandparent'), ('child', 'child', 'grandparent'),
        ('parent', 'child', 'sibling'), ('sibling', 'sibling', 'sibling'),
        ('sibling', 'parent', 'parent'), ('child', 'sibling', 'child'),
        ('parent', 'sibling', 'collateral'), ('sibling', 'child', 'collateral'),
        ('parent', 'spouse', 'parent'), ('spouse', 'child', 'child'),
        ('spouse', 'parent', 'in_law'), ('spouse', 'sibling', 'in_law'),
        ('child', 'spouse', 'in_law'), ('sibling', 'spouse', 'in_law')
    ) AS t (first, second, relation)
),
two AS (
    SELECT a.person, b.relative, s.relation, concat(a.relation, '-', b.relation) AS way
    FROM registered a
    JOIN registered b ON a.relative = b.person
    JOIN step s ON a.relation = s.first AND b.relation = s.second
    WHERE a.person <> b.relative
),
cousin AS (
    SELECT t.person, c.relative, 'collateral' AS relation
    FROM two t
    JOIN registered c ON t.relative = c.person AND c.relation = 'child'
    WHERE t.way = 'parent-sibling' AND t.person <> c.relative
),
every AS (
    SELECT person, relative, relation, 1 AS steps FROM registered
    UNION ALL SELECT person, relative, relation, 2 FROM two
    UNION ALL SELECT person, relative, relation, 3 FROM cousin
),
nearest AS (
    SELECT person, relative, min(steps) AS steps FROM every GROUP BY person, relative
)
SELECT DISTINCT e.person, e.relative, e.relation
FROM every e
JOIN nearest n ON e.person = n.person AND e.relative = n.relative AND e.steps = n.steps
