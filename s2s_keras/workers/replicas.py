"""Who computes what: the devices of this worker, and their shares of a batch."""

import faulthandler
import functools
from collections.abc import Callable, Sequence

import tensorflow as tf

from ..errors import InputError
from ..text import PAD
from .cluster import Cluster

_START = 60  # seconds at most until the servers of all workers have found each other


class Workers:
    """The devices of all workers, which compute one update together by `tf.distribute`.

    Each of them is a replica: it takes its own rows of every batch, and what it computes is added
    up over all. Only this goes through the strategy. The model and its optimizer are ordinary ones,
    made outside of it, once in every process, and the optimizer sees the sum: with it, it does what
    it does on one device.

    Attributes:
        cluster: the other processes, if there are any.
        replicas: how many devices there are in all.
    """

    def __init__(self, cluster: Cluster | None = None, devices: Sequence[str] | None = None):
        """Choose the strategy. With other workers, this must be TensorFlow's first work.

        Args:
            cluster: from `meet`; None is this process alone.
            devices: of this process, where it is alone, such as `["GPU:0", "GPU:1"]`. By default
                all GPUs, or the CPU where there is none; one of several workers always takes these.
        """
        self.cluster = cluster or Cluster()
        if devices is None and not self.cluster.place:
            devices = [gpu.name for gpu in tf.config.list_logical_devices("GPU")]
        self._strategy = None
        if self.cluster.place:
            self._strategy = _strategy_of_all(self.cluster)
        elif len(devices) > 1:
            self._strategy = tf.distribute.MirroredStrategy(devices)
        self.replicas = self._strategy.num_replicas_in_sync if self._strategy else 1

    @classmethod
    @functools.cache
    def alone(cls) -> "Workers":
        """Return this process with one device: TensorFlow's default one."""
        return cls(devices=())

    def sums(self, function: Callable, inputs: dict, labels: tf.Tensor) -> list[tf.Tensor]:
        """Run a function on every replica's share of a batch, inside a `tf.function`.

        Args:
            function: `(inputs, labels) -> tensors`, a list.
            inputs: arrays `(batch, …)` by name.
            labels: int32 `(batch, time)`.

        Returns:
            The tensors, each added up over all replicas: the same ones on every worker.
        """
        if self.replicas == 1:
            return function(inputs, labels)

        def replica():
            context = tf.distribute.get_replica_context()
            own = share(inputs, labels, context.replica_id_in_sync_group, self.replicas)
            return context.all_reduce("sum", function(*own))

        summed = self._strategy.run(replica)
        return [self._strategy.experimental_local_results(value)[0] for value in summed]

    def sum(self, value: tf.Tensor) -> tf.Tensor:
        """Add up over all replicas what each has, inside the function that `sums` runs."""
        if self.replicas == 1:
            return value
        return tf.distribute.get_replica_context().all_reduce("sum", tf.stop_gradient(value))


def _strategy_of_all(cluster: Cluster) -> tf.distribute.Strategy:
    cluster.agree()  # All have come so far: TensorFlow would wait for an hour.
    # It waits without letting any thread of Python run, so that no line tells who is gone.
    faulthandler.dump_traceback_later(_START, exit=True)
    try:
        return tf.distribute.MultiWorkerMirroredStrategy()
    except tf.errors.OpError as error:
        raise InputError(
            f"{cluster.place}: TensorFlow cannot start ({error.message}); see that every worker "
            "reaches every other's port, and that nobody else takes it"
        ) from error
    finally:
        faulthandler.cancel_dump_traceback_later()


def share(inputs: dict, labels: tf.Tensor, replica: int, replicas: int) -> tuple:
    """Return one replica's share of a batch: inputs and labels.

    Replica r of n takes the rows r, r + n, r + 2n, and so on: in a batch that is sorted by length,
    these are about equally long for all. They stay as wide as the whole batch. A replica for which
    no row is left takes one of another without its labels: not every layer can do without any row.
    """
    size = tf.shape(labels)[0]
    rows = tf.range(replica, tf.maximum(size, replica + 1), replicas)
    inputs = {name: tf.gather(array, rows % size) for name, array in inputs.items()}
    return inputs, tf.where(rows[:, None] < size, tf.gather(labels, rows % size), PAD)
