"""What keeps the workers in step: they stop at the same batch, and follow the chief."""

from collections.abc import Sequence

import keras

from ..checkpoints import Record
from .cluster import Cluster


class InStep(keras.callbacks.Callback):
    """The callback after the record. The chief's callbacks decide; the other workers have none.

    Where there is one process, it does nothing.
    """

    def __init__(self, cluster: Cluster, run: Record, interrupted: Sequence):
        """Let the others follow the chief.

        Args:
            cluster: the workers.
            run: of this worker. With other workers, its own `interrupted` is a list that is filled
                here.
            interrupted: holds something as soon as this worker was asked to stop.
        """
        super().__init__()
        self.cluster, self.run, self.interrupted = cluster, run, interrupted

    def on_train_batch_end(self, batch, logs=None):
        """Stop all workers after the same batch, whichever of them was asked to."""
        if not self.cluster.place:
            return
        model = self.run.model
        model.stop_training, stop = self.cluster.agree(model.stop_training, self.interrupted)
        if stop:
            self.cluster.parting = True
            self.run.interrupted.append(True)
            self.run.between_batches()

    def on_test_batch_end(self, batch, logs=None):
        """Likewise."""
        self.on_train_batch_end(batch)

    def on_epoch_end(self, epoch, logs=None):
        """Let all follow what the chief's callbacks have done."""
        self.follow()

    def is_agreed(self) -> bool:
        """Tell whether an interruption is one of all workers, and not of this one alone."""
        return not self.cluster.place or self.cluster.parting

    def follow(self) -> None:
        """Give every worker the chief's history, weights and optimizer.

        That is how a run is taken up where only the chief has the checkpoint. And where machines of
        unlike kinds round in unlike ways, their weights drift apart for one epoch at most.
        """
        if not self.cluster.place:
            return
        packed = self.cluster.from_chief(self.run.packed)
        if self.cluster.is_chief:
            return
        self.run.unpack(packed)
        for variable in self.run.model.variables:
            if variable.name == "seed_generator_state":
                # The rows of each worker get dropout masks of their own.
                seed, number = keras.ops.convert_to_numpy(variable)
                variable.assign([seed + self.cluster.place.index, number])
