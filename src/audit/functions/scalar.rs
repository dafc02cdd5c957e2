//! One frame for all our scalar functions: a name, accepted types, a result type, and a function over plain arrays.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature,
    Volatility,
};

/// The work: arrays of equal length in, one array out.
pub type Work = Arc<dyn Fn(&[ArrayRef]) -> Result<ArrayRef> + Send + Sync>;

/// What kind of argument a function takes; anything of the kind is cast to the first type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Argument {
    Date,
    Int,
    Text,
    /// A decimal of any precision, or an integer; handed over as it is.
    Number,
}

impl Argument {
    fn accepts(self, kind: &DataType) -> bool {
        match self {
            _ if *kind == DataType::Null => true,
            Argument::Date => {
                matches!(
                    kind,
                    DataType::Date32 | DataType::Date64 | DataType::Timestamp(..)
                ) || is_text(kind)
            }
            Argument::Int => kind.is_integer(),
            Argument::Text => is_text(kind),
            Argument::Number => kind.is_decimal() || kind.is_integer(),
        }
    }

    fn target(self, kind: &DataType) -> DataType {
        match self {
            Argument::Date => DataType::Date32,
            Argument::Int => DataType::Int64,
            Argument::Text => DataType::Utf8,
            Argument::Number => match kind {
                DataType::Decimal128(..) => kind.clone(),
                DataType::Decimal32(p, s) | DataType::Decimal64(p, s) => {
                    DataType::Decimal128(*p, *s)
                }
                _ => DataType::Decimal128(38, 0),
            },
        }
    }

    fn label(self) -> &'static str {
        match self {
            Argument::Date => "日期",
            Argument::Int => "整数",
            Argument::Text => "文字",
            Argument::Number => "精确小数或整数",
        }
    }
}

/// Decimal places of a decimal; other numbers have none.
pub fn scale_of(kind: &DataType) -> i8 {
    match kind {
        DataType::Decimal128(_, scale) => *scale,
        _ => 0,
    }
}

fn is_text(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
    )
}

/// A pure scalar function of ours.
pub struct Function {
    name: &'static str,
    arguments: Vec<Argument>,
    returns: DataType,
    signature: Signature,
    work: Work,
}

/// Builds the function that the SQL engine registers.
pub fn function(
    name: &'static str,
    arguments: &[Argument],
    returns: DataType,
    work: impl Fn(&[ArrayRef]) -> Result<ArrayRef> + Send + Sync + 'static,
) -> ScalarUDF {
    ScalarUDF::new_from_impl(Function {
        name,
        arguments: arguments.to_vec(),
        returns,
        signature: Signature::new(TypeSignature::UserDefined, Volatility::Immutable),
        work: Arc::new(work),
    })
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)
    }
}

// Two functions of one name and one set of captured data are the same function.
impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.name == other.name && Arc::ptr_eq(&self.work, &other.work)
    }
}
impl Eq for Function {}
impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.returns.clone())
    }

    fn coerce_types(&self, kinds: &[DataType]) -> Result<Vec<DataType>> {
        let fits = kinds.len() == self.arguments.len()
            && self.arguments.iter().zip(kinds).all(|(a, k)| a.accepts(k));
        if !fits {
            let wanted: Vec<&str> = self.arguments.iter().map(|a| a.label()).collect();
            return datafusion::common::plan_err!(
                "{}({})的参数类型不符",
                self.name,
                wanted.join(", ")
            );
        }
        Ok(self
            .arguments
            .iter()
            .zip(kinds)
            .map(|(a, k)| a.target(k))
            .collect())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalar = args
            .args
            .iter()
            .all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let arrays: Vec<ArrayRef> = arrays
            .iter()
            .zip(&self.arguments)
            .map(|(array, argument)| {
                let target = argument.target(array.data_type());
                if *array.data_type() == target {
                    Ok(Arc::clone(array))
                } else {
                    Ok(cast(array, &target)?)
                }
            })
            .collect::<Result<_>>()?;
        let result = (self.work)(&arrays)?;
        if arrays.first().is_some_and(|a| a.len() != result.len()) {
            return exec_err!("{} gave a wrong number of rows", self.name);
        }
        if scalar {
            return Ok(ColumnarValue::Scalar(
                datafusion::common::ScalarValue::try_from_array(&result, 0)?,
            ));
        }
        Ok(ColumnarValue::Array(result))
    }
}
