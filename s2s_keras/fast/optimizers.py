"""Equals `keras.optimizers.Adam`, in fewer passes over memory: an update reads every parameter."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("s2s_keras")
class Adam(keras.optimizers.Adam):
    """`keras.optimizers.Adam` whose update of a variable is one operation of TensorFlow.

    Arguments, state and results are Keras's (Kingma and Ba 2015, algorithm 1, with ε̂), with one
    exception. Under Keras's own `fit` an embedding's gradient is a list of rows, some of them for
    one word. Keras takes each one's square for the second moment and for the norm; here they are
    summed first, as the equations have it, and as `training.fit` does for every optimizer.
    """

    def update_step(self, gradient, variable, learning_rate):
        """Update a variable and its two moments; Keras calls this."""
        if self.amsgrad:
            return super().update_step(gradient, variable, learning_rate)
        index = self._get_variable_index(variable)
        number = tf.cast(keras.ops.convert_to_tensor(self.iterations) + 1, variable.dtype)
        return tf.raw_ops.ResourceApplyAdam(
            var=_tensorflow(variable).handle,
            m=_tensorflow(self._momentums[index]).handle,
            v=_tensorflow(self._velocities[index]).handle,
            beta1_power=self.beta_1**number,
            beta2_power=self.beta_2**number,
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, variable.dtype),
        )

    def _clip_gradients(self, grads):
        """Clip by the global norm, and leave the gradients alone while they are short enough."""
        grads = [tf.convert_to_tensor(gradient) for gradient in grads]  # the sum of a row's parts
        if not self.global_clipnorm:
            return super()._clip_gradients(grads)
        norm = tf.linalg.global_norm(grads)
        # An infinite norm, or none, makes the scale NaN: it spoils the step in sight, as in Keras.
        scale = self.global_clipnorm / norm + (norm - norm)
        keeps = norm <= self.global_clipnorm
        return tf.cond(keeps, lambda: [*grads], lambda: [gradient * scale for gradient in grads])


def _tensorflow(variable) -> tf.Variable:
    return variable.value if isinstance(variable, keras.Variable) else variable
