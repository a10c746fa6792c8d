"""Checks requests as the AWS CLI does before it sends them: lines of [operation, parameters]."""

import json
import sys

from botocore.session import get_session
from botocore.validate import ParamValidator

model = get_session().get_service_model("dynamodb")
for line in sys.stdin:
    operation, parameters = json.loads(line)
    shape = model.operation_model(operation).input_shape
    print(ParamValidator().validate(parameters, shape).generate_report().replace("\n", " "))
