//! 街道监管员和复核人的一件事:运行审计、核对、征求意见、下达整改,公司改好再审,两人销号。

use std::time::Duration;

use crate::jiufeng::{edit, hand_in};
use crate::person::Person;
use crate::server::{Server, run};

/// The voucher of the company to which nothing was attached.
const VOUCHER: &str = "2025-11-记-0005";

impl Person<'_> {
    /// Runs an audit and opens what it found.
    async fn audit(&mut self, rules: &str) {
        self.open("审计").await;
        self.fill("只跑这些规则", rules).await;
        self.press("运行审计").await;
        self.sees_within("审计完成", Duration::from_secs(300)).await;
        self.look("审计完成").await;
        self.follow("看结果").await;
        self.sees("都是疑似,待人核实").await;
    }

    /// Opens the item on the voucher, from the list in the directory.
    async fn open_item(&self, list: &str) {
        self.open(list).await;
        if list == "疑点" {
            self.fill("规则", "F-026").await;
            self.press("查找").await;
        }
        self.follow("F-026-").await;
        self.sees(VOUCHER).await;
    }

    /// A step with a reason, after which the item is in that state.
    async fn step(&self, to: &str, reason: &str) {
        self.unfold(&format!("转到「{to}」")).await;
        self.fill("理由", reason).await;
        self.press(&format!("转到「{to}」")).await;
        self.sees_state(to).await;
    }
}

#[tokio::test]
async fn the_supervisor_takes_a_finding_to_its_end_with_the_reviewer() {
    let server = Server::demo();
    let mut person = Person::new(&server).await;
    person.begin("supervisor");
    let paper = server.folder.path().join("取证单.pdf");
    std::fs::write(&paper, b"%PDF-1.4 \x00\xff").unwrap();
    let paper = [paper];

    // 运行审计,看结果。
    person.log_in_as("street-supervisor").await;
    person.audit("F-026、F-001").await;
    person.look("审计结果").await;

    // 核对:一项属实,送公司征求意见;另一项是误报。
    person.open_item("疑点").await;
    person.look("疑点").await;
    person.step("待核", "调阅原始凭证").await;
    person.step("已核实", "原始凭证没有附件").await;
    person.step("取证", "").await;
    person.unfold("转到「征求意见」").await;
    person.attach("附件", &paper).await;
    person.press("转到「征求意见」").await;
    person.sees_state("征求意见").await;
    person.look("征求意见").await;
    person.open("疑点").await;
    person.fill("规则", "F-001").await;
    person.press("查找").await;
    person.follow("F-001-").await;
    person.step("误报", "当日已存入银行,收据日期写错").await;

    // 公司负责人答复。
    person.log_in_as("company-officer").await;
    person.open_item("疑点").await;
    person.sees_no("备注").await;
    person.unfold("答复").await;
    person.choose("意见", "无异议").await;
    person.press("答复").await;
    person.sees("演示公司负责人(company-officer)").await;
    person.look("公司答复").await;

    // 复核人认定,监管员下达整改。
    person.log_in_as("street-reviewer").await;
    person.open_item("疑点").await;
    person.step("认定", "事实清楚,公司无异议").await;
    person.log_in_as("street-supervisor").await;
    person.open_item("疑点").await;
    person.unfold("转到「整改中」").await;
    person.date("期限", "2099-12-31").await;
    person.press("转到「整改中」").await;
    person.sees_state("整改中").await;

    // 会计登记措施,交来补了附件的凭证,报待验收。
    person.log_in_as("company-accountant").await;
    person.open_item("整改").await;
    person.unfold("登记整改措施").await;
    person.fill("整改措施", "补齐原始凭证").await;
    person.choose("类型", "立行立改").await;
    person.fill("责任人", "赵某一").await;
    person.date("完成期限", "2099-06-30").await;
    person.fill("整改目标", "每张凭证附原始单据").await;
    person.press("登记整改措施").await;
    person.sees("补齐原始凭证").await;
    person.look("整改措施").await;
    let files = hand_in("JF01", server.folder.path());
    let vouchers = files.iter().find(|f| f.ends_with("凭证.csv")).unwrap();
    edit(vouchers, "2025-11-06,记,0005,", ",0,赵某一", ",2,赵某一");
    person.open("账套接收").await;
    person.attach("选文件", &files).await;
    person.press("上传并试读").await;
    person.sees("没有错误,可以提交").await;
    person.press("提交入账").await;
    person.sees("已作为新版本记入").await;
    person.look("有改动的凭证").await;
    person.open_item("整改").await;
    person.unfold("转到「待验收」").await;
    person.attach("附件", &paper).await;
    person.press("转到「待验收」").await;
    person.sees_state("待验收").await;

    // 重跑审计,不再发现;复核人验收销号。
    person.log_in_as("street-supervisor").await;
    person.audit("F-026").await;
    person.log_in_as("street-reviewer").await;
    person.open_item("整改").await;
    person.sees("最近一次审计没有再发现这一项").await;
    person.step("已销号", "附件已补,验收合格").await;
    person.look("已销号").await;

    // 记录都在链上。
    run(server.folder.path(), &["verify", "--db", &server.db()]);
}
