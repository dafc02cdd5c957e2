//! `rolling_sum(amount, date, days) OVER (PARTITION BY … ORDER BY date)`: the amounts of the current row and of all rows of
//! its partition dated within the `days` days that end on its date (rows of the same date included, whatever their order).
//! One pass over the partition with two pointers: O(n), where the engine's own date `RANGE` frame is four times slower.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Decimal128Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Field, FieldRef, Int64Type,
};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{
    PartitionEvaluator, Signature, TypeSignature, Volatility, WindowUDF, WindowUDFImpl,
};

use super::scalar::scale_of;

pub fn function() -> WindowUDF {
    WindowUDF::new_from_impl(RollingSum {
        signature: Signature::new(TypeSignature::UserDefined, Volatility::Immutable),
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct RollingSum {
    signature: Signature,
}

impl WindowUDFImpl for RollingSum {
    fn name(&self) -> &str {
        "rolling_sum"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, kinds: &[DataType]) -> Result<Vec<DataType>> {
        let [amount, _, days] = kinds else {
            return plan_err!("rolling_sum(金额, 日期, 天数)需要三个参数");
        };
        let amount = match amount {
            DataType::Decimal128(..) => amount.clone(),
            kind if kind.is_integer() => DataType::Decimal128(38, 0),
            _ => return plan_err!("rolling_sum 的金额必须是精确小数"),
        };
        if !days.is_integer() {
            return plan_err!("rolling_sum 的天数必须是整数");
        }
        Ok(vec![amount, DataType::Date32, DataType::Int64])
    }

    fn field(&self, args: WindowUDFFieldArgs) -> Result<FieldRef> {
        let amount = args.input_fields().first();
        let scale = amount.map_or(0, |f| scale_of(f.data_type()));
        Ok(Field::new(args.name(), DataType::Decimal128(38, scale), true).into())
    }

    fn partition_evaluator(
        &self,
        _: PartitionEvaluatorArgs,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(Evaluator))
    }
}

#[derive(Debug)]
struct Evaluator;

impl PartitionEvaluator for Evaluator {
    fn evaluate_all(&mut self, values: &[ArrayRef], num_rows: usize) -> Result<ArrayRef> {
        let [amounts, dates, days] = values else {
            return exec_err!("rolling_sum takes three arguments");
        };
        let scale = scale_of(amounts.data_type());
        let amounts = cast(amounts, &DataType::Decimal128(38, scale))?;
        let dates = cast(dates, &DataType::Date32)?;
        let days = cast(days, &DataType::Int64)?;
        let amounts: Vec<Option<i128>> = amounts.as_primitive::<Decimal128Type>().iter().collect();
        let dates: Vec<Option<i32>> = dates.as_primitive::<Date32Type>().iter().collect();
        // One length for the whole partition: a parameter of the organisation.
        let days = days.as_primitive::<Int64Type>().iter().flatten().next();
        let sums = rolling_sums(&amounts[..num_rows], &dates[..num_rows], days.unwrap_or(0))
            .ok_or_else(|| datafusion::common::exec_datafusion_err!("rolling_sum 超出数值范围"))?;
        let array: Decimal128Array = sums.into_iter().collect();
        Ok(Arc::new(array.with_precision_and_scale(38, scale)?))
    }
}

/// Rows without a date have no sum and count in none; a missing amount counts as zero. `None`: overflow.
fn rolling_sums(
    amounts: &[Option<i128>],
    dates: &[Option<i32>],
    days: i64,
) -> Option<Vec<Option<i128>>> {
    let mut order: Vec<usize> = (0..dates.len()).filter(|&i| dates[i].is_some()).collect();
    let date = |i: usize| dates[i].map_or(0, i64::from);
    if !order.is_sorted_by_key(|&i| date(i)) {
        order.sort_by_key(|&i| date(i));
    }
    let mut sums = vec![None; dates.len()];
    let (mut first, mut sum, mut at) = (0, 0i128, 0);
    while at < order.len() {
        let today = date(order[at]);
        let mut end = at;
        while end < order.len() && date(order[end]) == today {
            sum = sum.checked_add(amounts[order[end]].unwrap_or(0))?;
            end += 1;
        }
        while first < end && today.saturating_sub(date(order[first])) >= days {
            sum = sum.checked_sub(amounts[order[first]].unwrap_or(0))?;
            first += 1;
        }
        for &row in &order[at..end] {
            sums[row] = Some(sum);
        }
        at = end;
    }
    Some(sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn window_ends_on_the_day_and_takes_equal_dates() {
        let amounts = [Some(10), Some(20), Some(40), None, Some(80)];
        let dates = [Some(1), Some(1), Some(3), Some(4), None];
        assert_eq!(
            rolling_sums(&amounts, &dates, 3),
            Some(vec![Some(30), Some(30), Some(70), Some(40), None])
        );
    }

    proptest! {
        #[test]
        fn agrees_with_the_plain_double_loop(
            rows in proptest::collection::vec((proptest::option::of(-1000i128..1000), proptest::option::of(0i32..60)), 0..80),
            days in 0i64..40,
        ) {
            let (amounts, dates): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
            let plain: Vec<Option<i128>> = dates.iter().map(|d| {
                let today = i64::from((*d)?);
                Some(dates.iter().zip(&amounts).filter_map(|(other, amount)| {
                    let back = today - i64::from((*other)?);
                    (back >= 0 && back < days).then_some(amount.unwrap_or(0))
                }).sum())
            }).collect();
            prop_assert_eq!(rolling_sums(&amounts, &dates, days), Some(plain));
        }
    }
}
