using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Ike;

/// <summary>Which command a pick stands for in the state in which a side is.</summary>
internal static class ConversationCommands
{
    /// <summary>The command, or null where there is nothing to do it to.</summary>
    /// <param name="peer">The side.</param>
    /// <param name="isSecond">True for the second side.</param>
    /// <param name="canMove">True with MOBIKE.</param>
    /// <param name="isTranslated">True with a NAT before the first side: nobody finds the other one who loses his own address and whose NAT its ports.</param>
    /// <param name="kind">What, 0 to 4.</param>
    /// <param name="which">To what, 0 to 7.</param>
    public static IkeCommand? Pick(IkePeer peer, bool isSecond, bool canMove, bool isTranslated, int kind, int which)
    {
        IkeSa[] sas = [.. peer.Sas.Where(s => s.Phase == IkeSaPhase.Established)];
        ChildSa[] children = [.. peer.Children.Where(c => c.Phase == ChildSaPhase.Installed)];
        return kind switch
        {
            0 when children.Length > 0 => new IkeCommand.RekeyChild(children[which % children.Length].Number),
            1 when sas.Length > 0 => new IkeCommand.RekeyIke(sas[which % sas.Length].Number),
            2 when sas.Length > 0 && which < 4 => new IkeCommand.CreateChild(sas[0].Number, which & 1),
            2 when sas.Length > 0 && which < 6 => new IkeCommand.Probe(sas[0].Number),
            2 when sas.Length > 0 => new IkeCommand.AskConfiguration(sas[0].Number),
            3 when children.Length > 0 => new IkeCommand.DeleteChild(children[which % children.Length].Number),
            4 when sas.Length > 0 && which == 0 => new IkeCommand.DeleteIke(sas[0].Number),
            4 when which == 1 => new IkeCommand.Initiate(),
            4 when sas.Length > 0 && which is 2 or 3 && canMove => Move(sas[^1], isSecond, isList: which == 3 || isTranslated),
            _ => null,
        };
    }

    // Who does not decide on addresses moves only where it must, and tells of further ones as anybody may. RFC 4555 §3.5, §3.6.
    private static IkeCommand Move(IkeSa sa, bool isSecond, bool isList)
    {
        // An address that was given up stays so.
        bool isFirst = sa.OwnAddresses is null;
        ValueList<IpAddress> further = isFirst ? [Translation.Elsewhere(sa.Own).Address] : [];
        return (isList || !isFirst) && isSecond ? new IkeCommand.ChangeAddresses(sa.Number, further)
            : new IkeCommand.MoveTo(sa.Number, Translation.Elsewhere(sa.Own)) { IsLost = isSecond };
    }
}
