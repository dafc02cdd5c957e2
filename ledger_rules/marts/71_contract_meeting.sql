-- version 1
-- One row per contract and meeting that dealt with it, whatever it decided: named by the contract (决议编号), or naming the contract (关联编号).
-- Whether it was a decision to conclude the contract is for `contract_decision`.
SELECT c.organisation, c.contract_no, d.decision_no, d.level, d.meeting_date, d.due, d.present, d.agree, d.recused,
    d.matter, d.matter_kind, d.notice_from, d.notice_to, d.filed_on
FROM contract c
JOIN decision d ON c.organisation = d.organisation AND c.decision_no = d.decision_no
UNION
SELECT c.organisation, c.contract_no, d.decision_no, d.level, d.meeting_date, d.due, d.present, d.agree, d.recused,
    d.matter, d.matter_kind, d.notice_from, d.notice_to, d.filed_on
FROM contract c
JOIN decision d ON c.organisation = d.organisation AND c.contract_no = d.subject_no
