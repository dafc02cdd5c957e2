-- version 1
-- One row per counterparty (its normalised name) tied to an officer by more than its name: who that is, in words.
SELECT organisation, norm_name(counterparty) AS party,
    min(concat(person_name, '(', COALESCE(duty, '无职务'), ')', CASE WHEN related IS NULL THEN '本人' ELSE '亲属' END)) AS tie
FROM party_link
WHERE strength >= 2
GROUP BY organisation, norm_name(counterparty)
