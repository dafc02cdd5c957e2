-- version 1
-- One row per contract and decision of a meeting on it: the decision that the contract names, one about the contract, or one
-- about the thing it lets or sells in the year before it was signed. `passed` is the least that any rule of voting asks: more
-- than half of those present (votes not recorded count as passed). `in_time`: on or before the day of signing.
-- Decisions on other matters of the contract (a waiver, a post, a distribution) are no decision to conclude it.
WITH agreed AS (
    SELECT organisation, contract_no, subject_no, decision_no, COALESCE(sign_date, start_date) AS signed_on
    FROM contract
),
meeting AS (
    SELECT organisation, decision_no, level, meeting_date, matter, subject_no, due, present, agree,
        agree IS NULL OR present IS NULL OR agree * 2 > present AS passed
    FROM decision
    WHERE matter_kind IS NULL OR matter_kind NOT IN ('other', 'appointment', 'distribution')
),
linked AS (
    SELECT c.organisation, c.contract_no, d.decision_no
    FROM agreed c JOIN meeting d ON c.organisation = d.organisation AND c.decision_no = d.decision_no
    UNION
    SELECT c.organisation, c.contract_no, d.decision_no
    FROM agreed c JOIN meeting d ON c.organisation = d.organisation AND c.contract_no = d.subject_no
    UNION
    SELECT c.organisation, c.contract_no, d.decision_no
    FROM agreed c JOIN meeting d ON c.organisation = d.organisation AND c.subject_no = d.subject_no
    WHERE d.meeting_date BETWEEN add_months(c.signed_on, -12) AND c.signed_on
)
SELECT l.organisation, l.contract_no, l.decision_no, d.level, d.meeting_date, d.due, d.present, d.agree, d.passed,
    d.meeting_date <= c.signed_on AS in_time
FROM linked l
JOIN meeting d ON l.organisation = d.organisation AND l.decision_no = d.decision_no
JOIN agreed c ON l.organisation = c.organisation AND l.contract_no = c.contract_no
