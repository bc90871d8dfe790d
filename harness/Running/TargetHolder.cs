using Conformance.Harness.Contract;

namespace Conformance.Harness.Running;

/// <summary>The one target of a run: started at first use, and anew when it broke.</summary>
/// <remarks>A target that never started cannot be had. One that was there and does not come back has broken, which is told apart.</remarks>
public sealed class TargetHolder(Func<ITarget> open) : IDisposable
{
    private const int MostStarts = 3;
    private ITarget? _target;
    private TargetUnavailableException? _gone;
    private int _failedStarts;

    /// <summary>Name and version of the last target that started; null before the first.</summary>
    public TargetIdentity? Identity { get; private set; }

    /// <summary>The target.</summary>
    /// <exception cref="TargetUnavailableException">It cannot be had; after three starts in a row that failed none is tried any more.</exception>
    public ITarget Target
    {
        get
        {
            if (_target is not null)
            {
                return _target;
            }

            if (_gone is not null)
            {
                throw new TargetUnavailableException(_gone.Message, _gone);
            }

            try
            {
                _target = open();
            }
            catch (TargetUnavailableException error)
            {
                _failedStarts++;
                _gone = Identity is null || _failedStarts == MostStarts ? error : null;
                throw;
            }

            _failedStarts = 0;
            Identity = _target.Identity;
            return _target;
        }
    }

    /// <summary>Ends a target that broke, so that the next use starts another.</summary>
    public void Restart() => Dispose();

    /// <summary>Ends the target, if there is one.</summary>
    public void Dispose()
    {
        ITarget? broken = _target;
        _target = null;
        broken?.Dispose();
    }
}
