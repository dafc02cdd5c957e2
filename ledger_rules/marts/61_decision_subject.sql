-- version 1
-- One row per thing that a meeting agreed to (voucher, contract, project, guarantee, account …) and decision. A contract is
-- decided by its own 决议编号 too, a project by its contract. Agreed: more than half of those present, where the votes are
-- known; quorum and the right kind of meeting are other rules' business.
WITH agreed AS (
    SELECT organisation, decision_no, level, meeting_date, matter, matter_kind, subject_no, amount, filed_on
    FROM decision
    WHERE agree IS NULL OR coalesce(present, due) IS NULL OR 2 * agree > coalesce(present, due)
),
named AS (
    SELECT organisation, subject_no, decision_no FROM agreed WHERE subject_no IS NOT NULL
    UNION
    SELECT organisation, contract_no, decision_no FROM contract WHERE decision_no IS NOT NULL
    UNION
    SELECT organisation, no, decision_no FROM guarantee WHERE decision_no IS NOT NULL
),
extended AS (
    SELECT organisation, subject_no, decision_no FROM named
    UNION
    SELECT p.organisation, p.project_no, n.decision_no
    FROM project p
    JOIN named n ON p.organisation = n.organisation AND p.contract_no = n.subject_no
)
SELECT x.organisation, x.subject_no, a.decision_no, a.level, a.meeting_date, a.matter, a.matter_kind, a.amount, a.filed_on
FROM extended x
JOIN agreed a ON x.organisation = a.organisation AND x.decision_no = a.decision_no
