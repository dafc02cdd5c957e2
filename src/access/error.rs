//! Why somebody was not let in, or something about users was refused.

/// Each variant has a stable code (`访问-…`). Nothing here tells which login names exist.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error("访问-1001 登录名或口令不对。请核对大小写;忘了口令请找系统管理员重设")]
    WrongPassword,
    #[error(
        "访问-1002 试错次数过多,这个登录名暂时锁定,{minutes} 分钟后再试。急用请找系统管理员解锁"
    )]
    LockedOut { minutes: i64 },
    #[error("访问-1003 口令不合要求:{0}。请换一个")]
    WeakPassword(&'static str),
    #[error("访问-1004 登录名「{0}」已经有人用了。请换一个")]
    LoginTaken(String),
    #[error("访问-1005 用户资料不合要求:{0}")]
    BadUser(String),
    #[error("访问-1006 没有登录名为「{0}」的用户")]
    UnknownUser(String),
    #[error("访问-1007 一次性代码不对,或已经用过。请看启动程序的终端上最新的代码")]
    WrongCode,
    #[error("访问-1008 查看被遮住的内容须写明原因,原因会记入访问日志")]
    ReasonMissing,
    #[error("访问-1009 访问日志第 {position} 条被改动过。请保护现场,与备份比对")]
    LogChanged { position: i64 },
    #[error("访问-1010 {0}。至少要有一位能登录的系统管理员")]
    LastAdministrator(&'static str),
    #[error("访问-1011 口令无法加密:{0}。这是程序错误,请报告")]
    Hashing(String),
    #[error("访问-1012 接口令牌不合要求:{0}")]
    BadToken(&'static str),
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}

impl From<sea_orm::DbErr> for AccessError {
    fn from(error: sea_orm::DbErr) -> AccessError {
        AccessError::Store(error.into())
    }
}
