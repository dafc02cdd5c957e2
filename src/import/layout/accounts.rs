//! 科目表 of a package. Depth shows in the codes; what a package adds by indenting or by name paths is taken off.

use super::View;
use crate::import::codes;
use crate::import::detect::name_path;
use crate::model::Value;

/// Reads all rows.
pub(super) fn read(view: &mut View<'_>) {
    for row in view.data() {
        let before = view.problems.len();
        let code = view.text(&row, "code");
        if code.is_empty() || !code.starts_with(|c: char| c.is_numeric()) {
            match view.no_record(&row) {
                Some((kind, _)) => view.aside(&row, &kind),
                None => {
                    view.problem(codes::CELL_EMPTY, &row, "code", "没有科目编码", code);
                    view.refused += 1;
                }
            }
            continue;
        }
        let code = view.texts.text(&view.profile.code(code));
        let name = name_path(view.text(&row, "name"))
            .last()
            .copied()
            .unwrap_or_default();
        if name.is_empty() {
            view.problem(codes::CELL_EMPTY, &row, "name", "没有科目名称", "");
        }
        let cells = [
            ("code", Value::Text(code)),
            ("name", view.filled(name)),
            ("normal_side", view.cell(&row, "normal_side")),
            ("is_leaf", view.cell(&row, "is_leaf")),
            ("active_from", view.cell(&row, "active_from")),
            ("active_to", view.cell(&row, "active_to")),
        ];
        view.take(&row, before, &cells);
    }
}
