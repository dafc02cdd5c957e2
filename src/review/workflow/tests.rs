use super::*;

fn faults_of(change: impl Fn(&str) -> String) -> Vec<String> {
    let pack = Pack::embedded();
    let text = pack.text("workflow/states.toml").unwrap();
    let changed = change(&text);
    assert_ne!(changed, text, "the change changes nothing");
    let pack = pack.clone().with("workflow/states.toml", changed);
    let faults = Workflow::load(&pack).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

fn one(faults: &[String], part: &str) {
    assert!(
        faults.iter().any(|f| f.contains(part)),
        "{part}: {faults:#?}"
    );
    assert!(faults.iter().all(|f| f.contains("workflow/states.toml")));
}

#[test]
fn the_shipped_workflow_is_sound() {
    let workflow = Workflow::load(&Pack::embedded()).unwrap_or_else(|f| panic!("{f:#?}"));
    assert_eq!(workflow.states.len(), 13);
    let labels: Vec<&str> = workflow.states.iter().map(|s| s.label.as_str()).collect();
    assert_eq!(labels[0], "疑点");
    let steps = |from: &'static str| -> Vec<&str> {
        let steps = workflow.steps(from, FindingKind::Violation);
        steps.map(|t| workflow.label(&t.to)).collect()
    };
    assert_eq!(steps("suspected"), ["待核", "误报", "移送"]);
    assert_eq!(steps("transferred"), ["待核"]);
    // Who goes back says why, whether the file says so or not.
    let backward = workflow.transitions.iter().filter(|t| t.backward);
    assert!(backward.clone().count() > 5);
    assert!(backward.clone().all(|t| t.needs.contains(&Need::Reason)));
}

#[test]
fn a_company_acts_in_two_states_and_the_street_not_on_what_is_handed_over() {
    let workflow = Workflow::load(&Pack::embedded()).unwrap();
    for t in &workflow.transitions {
        let company = t
            .roles
            .iter()
            .any(|r| [Role::CompanyAccountant, Role::CompanyOfficer].contains(r));
        assert!(!company || t.from == "rectifying", "{t:?}");
        assert!(
            t.from != "transferred" || t.roles == [Role::Inspector],
            "{t:?}"
        );
        let silent = [Role::Administrator, Role::ReadOnly, Role::RuleManager];
        assert!(!t.roles.iter().any(|r| silent.contains(r)), "{t:?}");
    }
    for role in Role::ALL {
        let reads = workflow.readable(role, FindingKind::Violation, "transferred");
        assert_eq!(reads, role == Role::Inspector, "{role}");
    }
    assert!(workflow.readable(
        Role::CompanyAccountant,
        FindingKind::DataQuality,
        "suspected"
    ));
    assert!(!workflow.readable(Role::CompanyAccountant, FindingKind::RedFlag, "suspected"));
    assert!(!workflow.readable(Role::Inspector, FindingKind::DataQuality, "suspected"));
    assert!(!workflow.readable(Role::Administrator, FindingKind::Violation, "closed"));
}

#[test]
fn every_fault_is_found_at_once() {
    let faults = faults_of(|t| {
        t.replace("needs = [\"attachment\"]", "needs = [\"atachment\"]")
            .replacen(
                "roles = [\"street_supervisor\"]",
                "roles = [\"supervisor\"]",
                1,
            )
            .replace("initial = \"suspected\"", "initial = \"suspect\"")
    });
    one(&faults, "不认识的要求「atachment」");
    one(&faults, "没有角色「supervisor」");
    one(&faults, "没有状态「suspect」");
    assert!(faults.iter().any(|f| f.contains("第")), "{faults:#?}");
}

#[test]
fn unknown_keys_are_refused() {
    let faults = faults_of(|t| t.replacen("meaning =", "meening =", 1));
    one(&faults, "meening");
}

#[test]
fn what_must_hold_is_checked() {
    let alone = faults_of(|t| {
        t.replace(
            "apart_from = [\"rectifying\", \"ongoing\", \"acceptance\"]\n",
            "",
        )
    });
    one(&alone, "「待验收」到「已销号」须有第二人");
    let thawed = faults_of(|t| t.replace("frozen = true", "frozen = false"));
    one(&thawed, "移送的事项须冻结");
    let seen = faults_of(|t| {
        t.replace(
            "readers = [\"inspector\"]",
            "readers = [\"inspector\", \"street_supervisor\"]",
        )
    });
    one(&seen, "只能由纪检监察查看");
    let day = faults_of(|t| {
        t.replace(
            "needs = [\"reason\", \"due\", \"proposal\"]",
            "needs = [\"proposal\"]",
        )
    });
    one(&day, "须要求 due");
    let reach = faults_of(|t| t.replace("to = \"filed\"\nroles", "to = \"dismissed\"\nroles"));
    one(&reach, "没有一步通向状态「存查」");
    let company = faults_of(|t| {
        t.replace(
            "from = [\"checking\"]\nto = \"verified\"\nroles = [\"street_supervisor\"]",
            "from = [\"checking\"]\nto = \"verified\"\nroles = [\"company_officer\"]",
        )
    });
    one(&company, "公司负责人不能在「待核」办理");
    let twice = faults_of(|t| {
        format!(
            "{t}\n[[transition]]\nfrom = [\"verified\"]\nto = \"evidence\"\nroles = [\"street_supervisor\"]\n"
        )
    });
    one(&twice, "写了两次");
    let record = faults_of(|t| t.replacen("kind = \"replied\"", "kind = \"reply\"", 1));
    one(&record, "不认识的记录「reply」");
    let clock = faults_of(|t| t.replace("working_days = 15, ", "working_days = 0, "));
    one(&clock, "clock 写作");
}
