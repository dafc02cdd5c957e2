-- version 2
-- One row per counterparty and officer that share an identifier, directly or through a relative (mart kin).
--   link_type  same_id, same_account, same_phone, same_legal_rep, same_name; with `kin_` in front through a relative
--   strength   3 identity number; 2 account, phone or legal representative; 1 name only (never proof of identity)
--   post_organisation, duty, term_from, term_to: the officer's post, in Chinese because findings say it inside sentences;
--   `related`: the relation, if through a relative
-- `organisation` is the one whose counterparty it is: the officer's own, its subsidiaries and holders, and those below it.
-- A match of names is dropped where both identity numbers are known and differ.
WITH post AS (
    SELECT person, organisation, duty, term_from, term_to, name
    FROM related_person
    WHERE organisation IS NOT NULL
    UNION
    SELECT s.person, s.organisation,
        CASE s.duty WHEN 'legal_rep' THEN '法定代表人' WHEN 'chair' THEN '负责人' WHEN 'accountant' THEN '会计' WHEN 'cashier' THEN '出纳'
                    WHEN 'keeper' THEN '保管' WHEN 'supervisor' THEN '监事' WHEN 'approver' THEN '审批人' ELSE s.duty END,
        s.start_date, s.end_date, s.name
    FROM staff_role s
    LEFT ANTI JOIN (SELECT person, organisation FROM related_person WHERE organisation IS NOT NULL) r
        ON s.person = r.person AND s.organisation = r.organisation
),
reach AS (
    SELECT code AS post_organisation, code AS organisation FROM organisation
    UNION SELECT parent, code FROM organisation WHERE parent IS NOT NULL
    UNION SELECT holder, investee FROM shareholding
    UNION SELECT investee, holder FROM shareholding
),
identity AS (
    SELECT person, max(name) AS name, max(id_hash) AS id_hash, max(phone_hash) AS phone_hash,
        max(account_hash) AS account_hash
    FROM related_person
    GROUP BY person
),
whom AS (
    SELECT person AS officer, person AS person, CAST(NULL AS VARCHAR) AS related FROM identity
    UNION ALL SELECT person, relative, relation FROM kin
),
party AS (
    SELECT organisation, name AS counterparty, kind, id_hash, phone_hash, account_hash, norm_name(name) AS norm,
        norm_name(legal_rep) AS rep
    FROM counterparty
    WHERE COALESCE(kind, 'unit') NOT IN ('government', 'internal')
),
hit AS (
    SELECT c.organisation, c.counterparty, i.person, 'same_id' AS link_type, 3 AS strength
    FROM party c JOIN identity i ON c.id_hash = i.id_hash
    UNION ALL
    SELECT c.organisation, c.counterparty, i.person, 'same_account', 2
    FROM party c JOIN identity i ON c.account_hash = i.account_hash
    UNION ALL
    SELECT c.organisation, c.counterparty, i.person, 'same_phone', 2
    FROM party c JOIN identity i ON c.phone_hash = i.phone_hash
    UNION ALL
    SELECT c.organisation, c.counterparty, i.person, 'same_legal_rep', 2
    FROM party c JOIN identity i ON c.rep = norm_name(i.name)
    UNION ALL
    SELECT c.organisation, c.counterparty, i.person, 'same_name', 1
    FROM party c JOIN identity i ON c.norm = norm_name(i.name)
    WHERE c.id_hash IS NULL OR i.id_hash IS NULL OR c.id_hash = i.id_hash
)
SELECT DISTINCT
    h.organisation, h.counterparty, w.officer AS person, o.name AS person_name, o.organisation AS post_organisation,
    o.duty, o.term_from, o.term_to, w.related,
    CASE WHEN w.related IS NULL THEN h.link_type ELSE concat('kin_', h.link_type) END AS link_type,
    h.strength
FROM hit h
JOIN whom w ON h.person = w.person
JOIN post o ON w.officer = o.person
JOIN reach r ON o.organisation = r.post_organisation AND h.organisation = r.organisation
