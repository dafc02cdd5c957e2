//! What can go wrong in the store, in words for the person at the keyboard.

use sea_orm::DbErr;

/// Each variant has a stable code (`存储-…`, `账本-…` for what the database itself refused).
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "存储-1001 数据库地址「{url}」无法识别。请写成 sqlite://文件路径 或 postgres://用户:口令@主机/库名"
    )]
    BadUrl { url: String },
    #[error("存储-1002 无法打开数据库「{url}」:{reason}。请检查路径、权限、网络和口令")]
    Connect { url: String, reason: String },
    #[error(
        "存储-1003 数据库结构升级失败:{reason}。数据未改动;请先备份,再用本程序的同一或更新版本打开"
    )]
    Migrate { reason: String },
    #[error("存储-1004 读写数据库时出错:{reason}。本次操作没有写入任何内容")]
    Database { reason: String },
    #[error("存储-1005 数据库正被另一个程序占用。请稍后重试")]
    Busy,
    #[error(
        "存储-1006 本数据库是用另一把标识密钥建立的,证件号和账号将无法比对。请用 SANZI_ID_KEY 指定原来的密钥"
    )]
    WrongIdKey,
    #[error("存储-1007 无法读写标识密钥文件「{path}」:{reason}")]
    IdKeyFile { path: String, reason: String },
    /// Refused by the database itself; `family` is 账本, 核查 or 监督.
    #[error("{family}-{code} {message}")]
    Refused {
        family: &'static str,
        code: u16,
        message: &'static str,
    },
}

/// Messages of triggers: their mark in the database, the family of their codes, what they say.
type Refusals = (&'static str, &'static str, &'static [(u16, &'static str)]);

const REFUSALS: [Refusals; 3] = [
    (
        "LEDGER-",
        "账本",
        &[
            (2001, "已过账的凭证不能修改。更正请用红字冲销"),
            (2002, "已过账的记录不能删除"),
            (2003, "该期间已结账,不能再记入凭证"),
            (2005, "账本只能向后增加"),
            (2006, "不平衡或不完整的凭证不能封存"),
            (2007, "结账与反结账须交替进行"),
            (2008, "期间的结账状态只能随结账、反结账记录改变"),
            (
                2010,
                "街道设定的参数值留痕,不能改写或删除。改值请用 sanzi params set",
            ),
        ],
    ),
    (
        "REVIEW-",
        "核查",
        &[
            (2001, "核查记录不能修改。更正请另记一条"),
            (2002, "核查记录不能删除"),
            (2003, "核查记录须前后相接,不能插在已封存的记录之前"),
            (2004, "提出与批准须是两个人"),
            (2005, "已移送的事项已冻结,只有纪检监察能记"),
            (2006, "核查链的链头只能随记录向后增加"),
        ],
    ),
    (
        "PLAN-",
        "监督",
        &[
            (
                2001,
                "监督计划和制度文件的记录不能修改。更正请另记一条,制度文件请另交新版本",
            ),
            (2002, "监督计划和制度文件的记录不能删除。不做的项目请撤销"),
            (
                2003,
                "监督计划的记录须前后相接:先立项,批准后才登记步骤,撤销后不再登记",
            ),
            (2004, "立项与批准须是两个人"),
        ],
    ),
];

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> StoreError {
        StoreError::from_driver(&error.to_string())
    }
}

impl StoreError {
    /// The error for what a driver said: a refusal of ours carries its code in the text.
    pub(super) fn from_driver(text: &str) -> StoreError {
        for (mark, family, known) in REFUSALS {
            let rest = text.split_once(mark).map(|(_, rest)| rest);
            let code = rest.and_then(|r| r.get(..4)).and_then(|c| c.parse().ok());
            if let Some(&(code, message)) = known.iter().find(|(known, _)| Some(*known) == code) {
                return StoreError::Refused {
                    family,
                    code,
                    message,
                };
            }
        }
        if text.contains("database is locked") || text.contains("(code: 5)") {
            return StoreError::Busy;
        }
        StoreError::Database {
            reason: text.to_owned(),
        }
    }
}
