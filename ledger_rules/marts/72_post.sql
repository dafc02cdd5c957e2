-- version 1
-- One row per person, organisation and post held, from the register of posts and that of related persons.
--   class   负责人, 理事 (directors and council members), 监事, 会计, 出纳; NULL: another post
-- A head of the accounts is 会计, not 负责人. Terms that stand in both registers may give two rows.
WITH held AS (
    SELECT organisation, person, name, duty, start_date AS held_from, end_date AS held_to
    FROM staff_role
    UNION
    SELECT organisation, person, name, duty, term_from, term_to
    FROM related_person
    WHERE organisation IS NOT NULL AND duty IS NOT NULL
)
SELECT organisation, person, name,
    CASE duty WHEN 'legal_rep' THEN '法定代表人' WHEN 'chair' THEN '负责人' WHEN 'accountant' THEN '会计' WHEN 'cashier' THEN '出纳'
              WHEN 'keeper' THEN '保管' WHEN 'supervisor' THEN '监事' WHEN 'approver' THEN '审批人' ELSE duty END AS duty,
    CASE WHEN duty = 'supervisor' OR regexp_like(duty, '监事|监委|监督委') THEN '监事'
         WHEN duty = 'cashier' OR regexp_like(duty, '出纳') THEN '出纳'
         WHEN duty = 'accountant' OR regexp_like(duty, '会计|财务') THEN '会计'
         WHEN duty IN ('chair', 'legal_rep') OR regexp_like(duty, '^(负责人|法定代表人|董事长|理事长)') THEN '负责人'
         WHEN regexp_like(duty, '董事|理事') AND NOT regexp_like(duty, '秘书') THEN '理事'
    END AS class,
    held_from, held_to
FROM held
