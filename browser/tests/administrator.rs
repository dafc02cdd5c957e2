//! The system's administrator: the first start, and users.

use crate::person::Person;

pub const ADMINISTRATOR: &str = "xitong";
pub const PASSWORD: &str = "系统管理员自己的口令";

impl Person<'_> {
    /// The first start: the code on the terminal makes the first administrator.
    pub async fn start(&mut self, code: &str) {
        self.goto("/").await;
        self.sees("还没有用户").await;
        self.look("首次打开").await;
        self.follow("建立首位系统管理员").await;
        self.fill("一次性代码", code).await;
        self.fill("登录名", ADMINISTRATOR).await;
        self.fill("姓名", "周某九").await;
        self.fill("口令", PASSWORD).await;
        self.look("建立首位系统管理员").await;
        self.press("建立").await;
        self.sees_title("三资").await;
        self.log_in(ADMINISTRATOR, PASSWORD).await;
        self.sees("退出").await;
    }

    /// A user with a first password, and what the owner changes it to.
    pub async fn add_user(&mut self, login: &str, role: &str, name: &str, organisations: &str) {
        self.open("设置").await;
        self.fill("登录名", login).await;
        self.fill("姓名", name).await;
        self.choose("角色", role).await;
        self.fill("单位", organisations).await;
        self.fill("首次口令", "管理员替您设的首次口令").await;
        self.press("新增用户").await;
        self.sees("待改口令").await;
    }

    /// The first time that somebody logs in: the password must be one's own.
    pub async fn first_time(&mut self, login: &str, password: &str) {
        self.log_in(login, "管理员替您设的首次口令").await;
        self.sees("请先换成自己的口令").await;
        self.look("首次登录").await;
        self.fill("现在的口令", "管理员替您设的首次口令").await;
        self.fill("新口令", password).await;
        self.fill("再输一次", password).await;
        self.press("更换口令").await;
        self.sees("登录名").await;
        self.log_in(login, password).await;
        self.sees("退出").await;
    }
}
