"""Everything of Dagster's private modules that this project uses, so that an upgrade of Dagster is checked in one file.

No other module imports a private name of Dagster (ruff TID251). A name is looked up when it is imported from here. So a
command that only needs a tag does not load the gRPC server.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagster._core.code_pointer import ModuleCodePointer as ModuleCodePointer
    from dagster._core.definitions.executor_definition import (
        multiple_process_executor_requirements as multiple_process_executor_requirements,
    )
    from dagster._core.definitions.reconstruct import ReconstructableJob as ReconstructableJob
    from dagster._core.definitions.reconstruct import ReconstructableRepository as ReconstructableRepository
    from dagster._core.definitions.run_request import InstigatorType as InstigatorType
    from dagster._core.errors import DagsterExecutionInterruptedError as DagsterExecutionInterruptedError
    from dagster._core.errors import DagsterSubprocessError as DagsterSubprocessError
    from dagster._core.errors import DagsterUserCodeUnreachableError as DagsterUserCodeUnreachableError
    from dagster._core.events import DagsterEvent as DagsterEvent
    from dagster._core.events import EngineEventData as EngineEventData
    from dagster._core.execution.api import create_execution_plan as create_execution_plan
    from dagster._core.execution.api import execute_plan_iterator as execute_plan_iterator
    from dagster._core.execution.api import execute_run as execute_run
    from dagster._core.execution.backfill import BULK_ACTION_TERMINAL_STATUSES as BULK_ACTION_TERMINAL_STATUSES
    from dagster._core.execution.backfill import BulkActionsFilter as BulkActionsFilter
    from dagster._core.execution.backfill import PartitionBackfill as PartitionBackfill
    from dagster._core.execution.context.system import PlanOrchestrationContext as PlanOrchestrationContext
    from dagster._core.execution.context_creation_job import (
        create_context_free_log_manager as create_context_free_log_manager,
    )
    from dagster._core.execution.plan.active import ActiveExecution as ActiveExecution
    from dagster._core.execution.plan.instance_concurrency_context import (
        InstanceConcurrencyContext as InstanceConcurrencyContext,
    )
    from dagster._core.execution.plan.objects import StepRetryData as StepRetryData
    from dagster._core.execution.plan.plan import ExecutionPlan as ExecutionPlan
    from dagster._core.execution.plan.state import KnownExecutionState as KnownExecutionState
    from dagster._core.execution.plan.step import ExecutionStep as ExecutionStep
    from dagster._core.execution.retries import RetryMode as RetryMode
    from dagster._core.executor.base import Executor as Executor
    from dagster._core.executor.in_process import InProcessExecutor as InProcessExecutor
    from dagster._core.executor.multiprocess import MultiprocessExecutor as MultiprocessExecutor
    from dagster._core.instance.ref import InstanceRef as InstanceRef
    from dagster._core.launcher.base import CheckRunHealthResult as CheckRunHealthResult
    from dagster._core.launcher.base import LaunchRunContext as LaunchRunContext
    from dagster._core.launcher.base import WorkerStatus as WorkerStatus
    from dagster._core.launcher.default_run_launcher import DefaultRunLauncher as DefaultRunLauncher
    from dagster._core.remote_origin import (
        ManagedGrpcPythonEnvCodeLocationOrigin as ManagedGrpcPythonEnvCodeLocationOrigin,
    )
    from dagster._core.remote_origin import RemoteJobOrigin as RemoteJobOrigin
    from dagster._core.remote_origin import RemoteRepositoryOrigin as RemoteRepositoryOrigin
    from dagster._core.scheduler.instigation import InstigatorStatus as InstigatorStatus
    from dagster._core.storage.root import LocalArtifactStorage as LocalArtifactStorage
    from dagster._core.storage.sqlite_storage import DagsterSqliteStorage as DagsterSqliteStorage
    from dagster._core.storage.tags import AUTO_RETRY_RUN_ID_TAG as AUTO_RETRY_RUN_ID_TAG
    from dagster._core.storage.tags import BACKFILL_ID_TAG as BACKFILL_ID_TAG
    from dagster._core.storage.tags import GRPC_INFO_TAG as GRPC_INFO_TAG
    from dagster._core.storage.tags import PARTITION_NAME_TAG as PARTITION_NAME_TAG
    from dagster._core.storage.tags import PRIORITY_TAG as PRIORITY_TAG
    from dagster._core.storage.tags import RUN_KEY_TAG as RUN_KEY_TAG
    from dagster._core.storage.tags import SCHEDULE_NAME_TAG as SCHEDULE_NAME_TAG
    from dagster._core.storage.tags import SENSOR_NAME_TAG as SENSOR_NAME_TAG
    from dagster._core.storage.tags import WILL_RETRY_TAG as WILL_RETRY_TAG
    from dagster._core.types.loadable_target_origin import LoadableTargetOrigin as LoadableTargetOrigin
    from dagster._core.utils import FuturesAwareThreadPoolExecutor as FuturesAwareThreadPoolExecutor
    from dagster._grpc.__generated__ import dagster_api_pb2 as dagster_api_pb2
    from dagster._grpc.server import DagsterApiServer as DagsterApiServer
    from dagster._grpc.server import DagsterGrpcServer as DagsterGrpcServer
    from dagster._serdes import ConfigurableClassData as ConfigurableClassData
    from dagster._utils.error import serializable_error_info_from_exc_info as serializable_error_info_from_exc_info
    from dagster._utils.interrupts import capture_interrupts as capture_interrupts
    from dagster._utils.interrupts import check_captured_interrupt as check_captured_interrupt
    from dagster._utils.interrupts import pop_captured_interrupt as pop_captured_interrupt
    from dagster._utils.interrupts import setup_interrupt_handlers as setup_interrupt_handlers
    from dagster._utils.log import configure_loggers as configure_loggers
    from dagster._utils.warnings import disable_dagster_warnings as disable_dagster_warnings
    from dagster_shared.error import SerializableErrorInfo as SerializableErrorInfo

HOMES = {
    "dagster._core.code_pointer": ("ModuleCodePointer",),
    "dagster._core.definitions.executor_definition": ("multiple_process_executor_requirements",),
    "dagster._core.definitions.reconstruct": (
        "ReconstructableJob",
        "ReconstructableRepository",
    ),
    "dagster._core.definitions.run_request": ("InstigatorType",),
    "dagster._core.errors": (
        "DagsterExecutionInterruptedError",
        "DagsterSubprocessError",
        "DagsterUserCodeUnreachableError",
    ),
    "dagster._core.events": (
        "DagsterEvent",
        "EngineEventData",
    ),
    "dagster._core.execution.api": (
        "create_execution_plan",
        "execute_plan_iterator",
        "execute_run",
    ),
    "dagster._core.execution.backfill": (
        "BULK_ACTION_TERMINAL_STATUSES",
        "BulkActionsFilter",
        "PartitionBackfill",
    ),
    "dagster._core.execution.context.system": ("PlanOrchestrationContext",),
    "dagster._core.execution.context_creation_job": ("create_context_free_log_manager",),
    "dagster._core.execution.plan.active": ("ActiveExecution",),
    "dagster._core.execution.plan.instance_concurrency_context": ("InstanceConcurrencyContext",),
    "dagster._core.execution.plan.objects": ("StepRetryData",),
    "dagster._core.execution.plan.plan": ("ExecutionPlan",),
    "dagster._core.execution.plan.state": ("KnownExecutionState",),
    "dagster._core.execution.plan.step": ("ExecutionStep",),
    "dagster._core.execution.retries": ("RetryMode",),
    "dagster._core.executor.base": ("Executor",),
    "dagster._core.executor.in_process": ("InProcessExecutor",),
    "dagster._core.executor.multiprocess": ("MultiprocessExecutor",),
    "dagster._core.instance.ref": ("InstanceRef",),
    "dagster._core.launcher.base": (
        "CheckRunHealthResult",
        "LaunchRunContext",
        "WorkerStatus",
    ),
    "dagster._core.launcher.default_run_launcher": ("DefaultRunLauncher",),
    "dagster._core.remote_origin": (
        "ManagedGrpcPythonEnvCodeLocationOrigin",
        "RemoteJobOrigin",
        "RemoteRepositoryOrigin",
    ),
    "dagster._core.scheduler.instigation": ("InstigatorStatus",),
    "dagster._core.storage.root": ("LocalArtifactStorage",),
    "dagster._core.storage.sqlite_storage": ("DagsterSqliteStorage",),
    "dagster._core.storage.tags": (
        "AUTO_RETRY_RUN_ID_TAG",
        "BACKFILL_ID_TAG",
        "GRPC_INFO_TAG",
        "PARTITION_NAME_TAG",
        "PRIORITY_TAG",
        "RUN_KEY_TAG",
        "SCHEDULE_NAME_TAG",
        "SENSOR_NAME_TAG",
        "WILL_RETRY_TAG",
    ),
    "dagster._core.types.loadable_target_origin": ("LoadableTargetOrigin",),
    "dagster._core.utils": ("FuturesAwareThreadPoolExecutor",),
    "dagster._grpc.__generated__": ("dagster_api_pb2",),
    "dagster._grpc.server": (
        "DagsterApiServer",
        "DagsterGrpcServer",
    ),
    "dagster._serdes": ("ConfigurableClassData",),
    "dagster._utils.error": ("serializable_error_info_from_exc_info",),
    "dagster._utils.interrupts": (
        "capture_interrupts",
        "check_captured_interrupt",
        "pop_captured_interrupt",
        "setup_interrupt_handlers",
    ),
    "dagster._utils.log": ("configure_loggers",),
    "dagster._utils.warnings": ("disable_dagster_warnings",),
    "dagster_shared.error": ("SerializableErrorInfo",),
}
"""The names by the private module that defines them."""
_HOME_OF = {name: module for module, names in HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"Module {__name__} has no attribute {name}. Add it to HOMES.")
    return getattr(import_module(_HOME_OF[name]), name)
