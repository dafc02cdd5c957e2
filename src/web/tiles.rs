//! A background for the map that the street provides: the address of a tile server, the only place outside the program that a page
//! may ask, and only for pictures. Without one nothing is asked for.

/// Where the pictures come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tiles {
    /// `https://host/{z}/{x}/{y}.png`.
    pub url: String,
    /// Whose map it is, shown on it.
    pub credit: String,
    /// Scheme and host: what the policy of our pages names.
    pub origin: String,
}

/// Why an address is none of a tile server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TilesError {
    #[error("底图地址应以 https:// 或 http:// 开头")]
    Scheme,
    #[error("底图地址里应有 {{z}}、{{x}}、{{y}}")]
    Places,
    #[error("底图地址的主机名里有不能用的字符;{{s}} 这样的多个主机请写成一个")]
    Host,
    #[error("底图地址里有空格、引号或分号")]
    Characters,
}

impl Tiles {
    /// # Errors
    /// [`TilesError`].
    pub fn new(url: &str, credit: &str) -> Result<Tiles, TilesError> {
        let url = url.trim();
        let schemes = ["https://", "http://"];
        let scheme = schemes.into_iter().find(|s| url.starts_with(s));
        let scheme = scheme.ok_or(TilesError::Scheme)?;
        let rest = &url[scheme.len()..];
        let host = rest.split('/').next().unwrap_or_default();
        let fit = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        if host.is_empty() || !host.chars().all(fit) {
            return Err(TilesError::Host);
        }
        // The origin stands in a header, and the address in a page.
        let odd = |c: char| !c.is_ascii_graphic() || "\"'<>;\\".contains(c);
        if url.contains(odd) {
            return Err(TilesError::Characters);
        }
        match ["{z}", "{x}", "{y}"].iter().all(|p| rest.contains(p)) {
            false => Err(TilesError::Places),
            true => Ok(Tiles {
                url: url.to_owned(),
                credit: credit.trim().to_owned(),
                origin: format!("{scheme}{host}"),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_one_host_and_the_three_numbers() {
        let tiles =
            Tiles::new(" https://tiles.example:8443/t/{z}/{x}/{y}.png?k=1 ", "示例").unwrap();
        assert_eq!(tiles.origin, "https://tiles.example:8443");
        for (url, want) in [
            ("/tiles/{z}/{x}/{y}.png", TilesError::Scheme),
            ("https:///{z}/{x}/{y}.png", TilesError::Host),
            (
                "https://{s}.tiles.example/{z}/{x}/{y}.png",
                TilesError::Host,
            ),
            (
                "https://user@tiles.example/{z}/{x}/{y}.png",
                TilesError::Host,
            ),
            ("https://tiles.example/{z}/{x}.png", TilesError::Places),
            (
                "https://tiles.example/{z}/{x}/{y}.png; script-src *",
                TilesError::Characters,
            ),
            (
                "https://tiles.example/图/{z}/{x}/{y}.png",
                TilesError::Characters,
            ),
        ] {
            assert_eq!(Tiles::new(url, ""), Err(want), "{url}");
        }
    }
}
